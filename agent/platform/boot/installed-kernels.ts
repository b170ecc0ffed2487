import type { Commands } from '../run-command.ts';
import { compareDebianVersions } from '../packages/apt/debian-version.ts';

/** A kernel that is installed. `release`: what `uname -r` says when it runs. `version`: the package's own. */
export type InstalledKernel = { readonly release: string; readonly version: string };

/** What runs: `uname -r`, and `uname -v`, in which Debian's kernels tell the version of their package. */
export type RunningKernel = { readonly release: string; readonly build: string };

export type KernelState = {
  readonly kernel: 'current' | 'pending' | 'unknown';
  readonly running: string;
  readonly expected: string;
};

/**
 * Does the newest installed kernel of the running one's flavour run? `unknown` where the running one is in no package, as kernels of
 * one's own and those of containers are. Releases are compared as Debian compares versions, which for kernels is how rpm does it too.
 */
export function kernelState({ release, build }: RunningKernel, installed: readonly InstalledKernel[]): KernelState {
  const running = installed.find((each) => each.release === release);
  if (running === undefined) return { kernel: 'unknown', running: release, expected: '' };
  const flavour = flavourOf(release);
  const newest = installed
    .filter((each) => flavourOf(each.release) === flavour)
    .reduce((best, each) => (compareDebianVersions(each.release, best.release) > 0 ? each : best), running);
  if (newest.release !== release) return { kernel: 'pending', running: release, expected: newest.release };
  // The same release may be built anew: Debian keeps the release while modules still fit.
  const built = /\bDebian (\S+)/.exec(build)?.[1];
  const isOlder = built !== undefined && built !== running.version;
  if (isOlder)
    return { kernel: 'pending', running: `${release} (${built})`, expected: `${release} (${running.version})` };
  return { kernel: 'current', running: release, expected: release };
}

/** `amd64` of 6.1.0-40-amd64, `default` of 5.14.21-150500.55.7-default; '' where a release has none. */
function flavourOf(release: string): string {
  return /-([a-z][a-z0-9-]*)$/.exec(release)?.[1] ?? '';
}

const QUERY_TIMEOUT_MS = 60_000;
const dpkgQuery = ['dpkg-query', '-W', '-f', '${db:Status-Status} ${Package} ${Version}\\n', 'linux-image-*'];
/** The file that a boot loader starts tells the release, however the distribution names its packages. */
const rpmQuery = ['rpm', '-q', '--whatprovides', '--qf', '[%{VERSION}-%{RELEASE} %{FILENAMES}\\n]', 'kernel'];

/** Kernels in packages of this host, by dpkg or else by rpm; none where neither answers. */
export async function installedKernels(commands: Commands): Promise<readonly InstalledKernel[]> {
  const dpkg = await commands.run(dpkgQuery, { timeoutMs: QUERY_TIMEOUT_MS });
  const found = parseDpkgKernels(dpkg.stdout);
  if (found.length > 0 || dpkg.exitCode !== null) return found;
  return parseRpmKernels((await commands.run(rpmQuery, { timeoutMs: QUERY_TIMEOUT_MS })).stdout);
}

/** Lines `installed linux-image-RELEASE VERSION`. Packages that only depend on the newest one have no release in their name. */
export function parseDpkgKernels(text: string): readonly InstalledKernel[] {
  return text.split('\n').flatMap((line) => {
    const [, release, version] = /^installed linux-image-(?:unsigned-)?(\d\S*) (\S+)$/.exec(line) ?? [];
    return release === undefined || version === undefined || release.endsWith('-dbg') ? [] : [{ release, version }];
  });
}

/** Lines `VERSION-RELEASE FILE`; the kernel is /boot/vmlinuz-RELEASE or /lib/modules/RELEASE/vmlinuz. */
export function parseRpmKernels(text: string): readonly InstalledKernel[] {
  const found = text.split('\n').flatMap((line) => {
    const [, version, inBoot, inModules] =
      /^(\S+) (?:\/boot\/vmlinu[xz]-(\S+)|(?:\/usr)?\/lib\/modules\/([^/\s]+)\/vmlinu[xz]\S*)$/.exec(line) ?? [];
    const release = inBoot ?? inModules;
    return version === undefined || release === undefined ? [] : [{ release, version }];
  });
  return [...new Map(found.map((each) => [each.release, each])).values()];
}
