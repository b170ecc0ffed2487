import { access } from 'node:fs/promises';
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

export const vendorPrograms: readonly VendorProgram[] = [
  { path: '/usr/bin/dnf', argv: ['dnf', '-q', '-C', 'needs-restarting', '-r'], word: wordOfDnf },
  { path: '/usr/bin/zypper', argv: ['zypper', '--quiet', 'needs-rebooting'], word: wordOfZypper },
];

/** dnf ends with 1 when a reboot is needed and when anything went wrong: only its sentences tell which. */
export function wordOfDnf({ stdout }: Pick<CommandResult, 'stdout'>): VendorWord {
  if (/Reboot is required/i.test(stdout)) return 'yes';
  return /Reboot (should not be|is not) (necessary|required)/i.test(stdout) ? 'no' : 'unknown';
}

export function wordOfZypper({ exitCode }: Pick<CommandResult, 'exitCode'>): VendorWord {
  if (exitCode === ZYPPER_REBOOT) return 'yes';
  return exitCode === 0 ? 'no' : 'unknown';
}

/** Asks the first of these programs that this host has. */
export async function vendorWord(
  commands: Commands,
  programs: readonly VendorProgram[] = vendorPrograms,
): Promise<{ readonly word: VendorWord; readonly program: string }> {
  for (const { path, argv, word } of programs) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return { word: word(await commands.run(argv, { timeoutMs: TIMEOUT_MS })), program: argv[0] ?? '' };
  }
  return { word: 'unknown', program: '' };
}
