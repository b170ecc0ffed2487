import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes downloads that nobody needs and that are older than `keepMs`. By change time: apt gives files the age that the mirror says. */
export async function pruneFiles(
  directory: string,
  isNeeded: (name: string) => boolean,
  keepMs: number,
): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const { name } of entries.filter((entry) => entry.isFile() && !isNeeded(entry.name))) {
    const path = join(directory, name);
    const { ctimeMs } = await stat(path);
    if (Date.now() - ctimeMs > keepMs) await rm(path, { force: true });
  }
}
