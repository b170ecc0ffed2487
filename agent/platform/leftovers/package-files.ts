import { readdir, readFile } from 'node:fs/promises';
import type { Commands } from '../run-command.ts';
import { asksDnfForReboot } from './reboot-packages.ts';

/** What of a package tells what an update of it takes. */
export type PackageFiles = {
  readonly name: string;
  readonly paths: readonly string[];
  /** After each update it asks for a reboot: by a script, as Debian's and Ubuntu's do with a file in /run, or through dnf. */
  readonly asksForReboot: boolean;
};

const DPKG_INFO = '/var/lib/dpkg/info';
const RPM_TIMEOUT_MS = 60_000;

/** The files of these packages, from dpkg's lists or else from rpm; packages that neither knows are left out. Never throws. */
export async function filesOfPackages(
  commands: Commands,
  names: readonly string[],
  dpkgInfo: string = DPKG_INFO,
): Promise<readonly PackageFiles[]> {
  if (names.length === 0) return [];
  const lists = await readdir(dpkgInfo).catch(() => null);
  return lists === null ? fromRpm(commands, names) : fromDpkg(dpkgInfo, lists, new Set(names));
}

async function fromDpkg(
  directory: string,
  entries: readonly string[],
  names: ReadonlySet<string>,
): Promise<readonly PackageFiles[]> {
  const found: PackageFiles[] = [];
  for (const entry of entries) {
    // `NAME.list`, or `NAME:ARCHITECTURE.list` where several architectures may be installed side by side.
    const [, base, name] = /^(([^:]+?)(?::[a-z0-9-]+)?)\.list$/.exec(entry) ?? [];
    if (base === undefined || name === undefined || !names.has(name)) continue;
    const [list, script] = await Promise.all([
      readFile(`${directory}/${entry}`, 'utf8').catch(() => ''),
      readFile(`${directory}/${base}.postinst`, 'utf8').catch(() => ''),
    ]);
    found.push({ name, paths: list.split('\n'), asksForReboot: /reboot-required/.test(script) });
  }
  return found;
}

async function fromRpm(commands: Commands, names: readonly string[]): Promise<readonly PackageFiles[]> {
  const argv = ['rpm', '-q', '--qf', '[%{=NAME}\\t%{FILENAMES}\\n]', '--', ...names];
  const { stdout } = await commands.run(argv, { timeoutMs: RPM_TIMEOUT_MS });
  const byName = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const [name, path] = line.split('\t');
    if (name === undefined || path === undefined) continue;
    const paths = byName.get(name);
    if (paths === undefined) byName.set(name, [path]);
    else paths.push(path);
  }
  return [...byName].map(([name, paths]) => ({ name, paths, asksForReboot: asksDnfForReboot(name) }));
}
