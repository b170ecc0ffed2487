import { access } from 'node:fs/promises';
import { type PackageManager, packageManagerOf, readOsRelease } from '../packages/distribution.ts';
import type { CommandResult, Commands } from '../run-command.ts';

/** What the distribution's own program says of a reboot. `unknown`: there is none, or it did not say. */
export type VendorWord = 'yes' | 'no' | 'unknown';

export type VendorProgram = {
  readonly path: string;
  readonly argv: readonly string[];
  /** Of what it answered. */
  readonly word: (result: CommandResult) => VendorWord;
};

/** Asked when a host is out of service: it reads what is installed, and no repository. */
const TIMEOUT_MS = 60_000;
/** zypper's ZYPPER_EXIT_INF_REBOOT_NEEDED. */
const ZYPPER_REBOOT = 102;

/** apt has none: what it knows is in files. */
const programOf: Readonly<Record<PackageManager, VendorProgram | null>> = {
  apt: null,
  dnf: { path: '/usr/bin/dnf', argv: ['dnf', '-q', '-C', 'needs-restarting', '-r'], word: wordOfDnf },
  zypper: { path: '/usr/bin/zypper', argv: ['zypper', '--quiet', 'needs-rebooting'], word: wordOfZypper },
};

/** The program of a distribution's own package manager; a host may have others, which know nothing of what is installed. */
export function vendorProgram(osRelease: string = readOsRelease()): VendorProgram | null {
  const manager = packageManagerOf(osRelease);
  return manager === null ? null : programOf[manager];
}

/** dnf ends with 1 when a reboot is needed and when anything went wrong: only its sentences tell which. */
export function wordOfDnf({ stdout }: Pick<CommandResult, 'stdout'>): VendorWord {
  if (/Reboot is required/i.test(stdout)) return 'yes';
  return /Reboot (should not be|is not) (necessary|required)/i.test(stdout) ? 'no' : 'unknown';
}

export function wordOfZypper({ exitCode }: Pick<CommandResult, 'exitCode'>): VendorWord {
  if (exitCode === ZYPPER_REBOOT) return 'yes';
  return exitCode === 0 ? 'no' : 'unknown';
}

/** Asks this program, where the host has it. */
export async function vendorWord(commands: Commands, program: VendorProgram | null): Promise<VendorWord> {
  if (program === null) return 'unknown';
  const isThere = await access(program.path).then(
    () => true,
    () => false,
  );
  return isThere ? program.word(await commands.run(program.argv, { timeoutMs: TIMEOUT_MS })) : 'unknown';
}
