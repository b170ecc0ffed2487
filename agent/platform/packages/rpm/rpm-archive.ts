import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../../run-command.ts';
import { parseRpmHeaders, RPM_QUERY_FORMAT } from './rpm-database.ts';

const READ_TIMEOUT_MS = 60_000;

type Named = Pick<ExactPackage, 'name' | 'version'>;

/** Repositories name their files as they like (without the epoch, mostly); here the name says everything. */
function fileStem({ name, version }: Named): string {
  return `${name}-${version.replaceAll(':', '%3a')}.`;
}

/** Is this the file of that exact version? */
export function isFileOf(file: string, wanted: Named): boolean {
  const stem = fileStem(wanted);
  return file.startsWith(stem) && /^[A-Za-z0-9_]+\.rpm$/.test(file.slice(stem.length));
}

/** Where downloads land before they are known. */
export function incomingDirectory(archives: string): string {
  return join(archives, 'incoming');
}

/** Makes the directories; what a broken download left behind goes. */
export async function prepareRpmArchives(archives: string): Promise<void> {
  await rm(incomingDirectory(archives), { recursive: true, force: true });
  await mkdir(incomingDirectory(archives), { recursive: true });
}

/** Names of the files that were kept; none where there is no such directory. */
export async function listRpmFiles(archives: string): Promise<readonly string[]> {
  const names = await readdir(archives).catch((): string[] => []);
  return names.filter((name) => name.endsWith('.rpm'));
}

/** Path of the file of this exact version, or null. */
export async function findRpmFile(archives: string, wanted: Named): Promise<string | null> {
  const found = (await listRpmFiles(archives)).find((name) => isFileOf(name, wanted));
  return found === undefined ? null : join(archives, found);
}

/** Moves what was downloaded to its place, by what the files say of themselves. A file that rpm cannot read is thrown away. */
export async function adoptDownloads(commands: Commands, archives: string): Promise<void> {
  const incoming = incomingDirectory(archives);
  const found = await readdir(incoming, { recursive: true });
  for (const file of found.filter((name) => name.endsWith('.rpm'))) {
    const path = join(incoming, file);
    const argv = ['rpm', '-q', '--package', '--nosignature', '--qf', RPM_QUERY_FORMAT, path];
    const [header] = parseRpmHeaders((await commands.run(argv, { timeoutMs: READ_TIMEOUT_MS })).stdout);
    if (header === undefined) await rm(path, { force: true });
    else await rename(path, join(archives, `${fileStem(header)}${header.architecture}.rpm`));
  }
}

/** Are header and payload as their own digests say? */
export async function isWholeRpm(commands: Commands, path: string): Promise<boolean> {
  const argv = ['rpm', '--checksig', '--nosignature', path];
  return (await commands.run(argv, { timeoutMs: READ_TIMEOUT_MS })).exitCode === 0;
}
