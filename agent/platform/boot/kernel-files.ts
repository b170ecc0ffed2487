import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';

/** Listing an initrd unpacks all of it. */
const LIST_TIMEOUT_MS = 300_000;
const DKMS_TIMEOUT_MS = 60_000;

/** A module that DKMS keeps for one kernel: `name/version`, and whether it is built and installed for it. */
export type DkmsModule = { readonly module: string; readonly release: string; readonly installed: boolean };

/**
 * Is all there that the kernel `release` needs to start as the one does that runs? Throws StepFailure `initrd-incomplete` (a full /boot
 * leaves half a file, and no error that anybody sees) and `dkms-missing`.
 */
export async function proveKernelFiles(
  commands: Commands,
  running: string,
  release: string,
  bootDirectory = '/boot',
): Promise<void> {
  await proveInitrd(commands, release, bootDirectory);
  const { stdout, exitCode } = await commands.run(['dkms', 'status'], { timeoutMs: DKMS_TIMEOUT_MS });
  if (exitCode !== 0) return;
  const missing = missingModules(parseDkmsStatus(stdout), running, release);
  if (missing.length > 0)
    throw new StepFailure(
      'dkms-missing',
      `${missing.join(', ')}: built for ${running}, not for ${release}: see \`dkms status\` and \`dkms autoinstall\` there`,
    );
}

async function proveInitrd(commands: Commands, release: string, directory: string): Promise<void> {
  const initrd = await firstThere(
    [`initrd.img-${release}`, `initramfs-${release}.img`, `initrd-${release}`],
    directory,
  );
  // A kernel may need none: then the one that runs has none either, and the boot loader knows it.
  if (initrd === null) return;
  const found = await stat(initrd);
  if (found.size === 0) throw new StepFailure('initrd-incomplete', `${initrd} is empty: make it again before a boot`);
  for (const program of ['lsinitramfs', 'lsinitrd']) {
    const { exitCode, stdout, stderr, timedOut } = await commands.run([program, initrd], {
      timeoutMs: LIST_TIMEOUT_MS,
    });
    if (exitCode === null && !timedOut) continue;
    const isWhole =
      exitCode === 0 && /(^|\s|\/)init( -> .*)?$/m.test(stdout) && !/unexpected end|premature end/i.test(stderr);
    if (isWhole || timedOut) return;
    const said = stderr.trim().split('\n').at(-1) ?? '';
    throw new StepFailure(
      'initrd-incomplete',
      `${initrd} cannot be read to its end${said === '' ? '' : ` (${said})`}: make it again before a boot`,
    );
  }
}

async function firstThere(names: readonly string[], directory: string): Promise<string | null> {
  for (const name of names) {
    const path = join(directory, name);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}

/** Lines of `dkms status`: `name/version, RELEASE, ARCH: installed`, and `name, version, RELEASE, ARCH: installed` of DKMS 2. */
export function parseDkmsStatus(text: string): readonly DkmsModule[] {
  return text.split('\n').flatMap((line) => {
    const [, name, version, release, state] = /^([^,/\s]+)(?:\/|, )([^,\s]+), ([^,\s]+), [^:]+: (\w+)/.exec(line) ?? [];
    if (name === undefined || version === undefined || release === undefined) return [];
    return [{ module: name, release, installed: state === 'installed' }];
  });
}

/** Modules that the running kernel has and the other one would lack, whatever their version. */
function missingModules(modules: readonly DkmsModule[], running: string, release: string): readonly string[] {
  const of = (wanted: string): readonly string[] =>
    modules.filter((each) => each.release === wanted && each.installed).map(({ module }) => module);
  const built = of(release);
  return of(running).filter((module) => !built.includes(module));
}
