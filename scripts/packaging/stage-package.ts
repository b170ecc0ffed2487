import { chmod, copyFile, cp, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import type { PackageContents } from './package-contents.ts';
import { stageManual } from './stage-manual.ts';
import { softwareList } from './software-list.ts';

export interface StageOptions {
  readonly checkout: string;
  readonly contents: PackageContents;
  readonly version: string;
  readonly epochSeconds: number;
  /** Goes to /usr/share/zdms, for `zdms host install`. */
  readonly agentPackage: string | null;
}

/** sudo refuses a file that its owner may write. */
const MODES: Readonly<Record<string, number>> = { 'etc/sudoers.d/zdms': 0o440 };

/** Lays out in the empty directory `root` what the package puts on a host. */
export async function stagePackage(root: string, options: StageOptions): Promise<void> {
  const { checkout, contents, version, epochSeconds, agentPackage } = options;
  const library = join(root, contents.library);
  await cp(join(checkout, contents.packaging, 'tree'), root, { recursive: true });
  const bundled = await bundle(checkout, contents, version, library);
  await copyFile(process.execPath, join(library, 'node'));
  await writeFile(join(library, 'sbom.cdx.json'), await softwareList({ ...options, bundled }));
  if ('zdms' in contents.entries) await stageManual(root, [process.execPath, join(library, 'zdms.mjs')], epochSeconds);
  if (agentPackage !== null) {
    const folder = join(root, 'usr/share/zdms');
    await mkdir(folder, { recursive: true });
    await cp(agentPackage, join(folder, `zdms-agent_${version}_${debianArchitecture()}.deb`));
  }
  await setModes(root);
}

/** As Debian calls the processor that this Node is for. */
export function debianArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** Whatever the umask was that the checkout was made with. */
async function setModes(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isProgram = entry.isDirectory() || ((await stat(path)).mode & 0o100) !== 0;
    await chmod(path, MODES[path.slice(root.length + 1)] ?? (isProgram ? 0o755 : 0o644));
  }
}
