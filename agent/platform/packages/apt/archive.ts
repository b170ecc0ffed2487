import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';

type Named = Pick<ExactPackage, 'name' | 'version'>;

/** Names of the .deb files in a directory; none where there is no such directory. */
export async function listArchives(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((): string[] => []);
  return names.filter((name) => name.endsWith('.deb'));
}

/** Is this the file of that exact version? apt escapes the epoch's colon. */
export function isArchiveOf(file: string, { name, version }: Named): boolean {
  return file.startsWith(`${name}_${version.replaceAll(':', '%3a')}_`) && file.endsWith('.deb');
}

/** Path of the .deb of this exact version in `directory`, or null. */
export async function findArchive(directory: string, wanted: Named): Promise<string | null> {
  const found = (await listArchives(directory)).find((name) => isArchiveOf(name, wanted));
  return found === undefined ? null : join(directory, found);
}

/** The name of the package that a file is of. */
export function packageOfArchive(file: string): string {
  return file.slice(0, file.indexOf('_'));
}
