import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes those of these files that are older than `keepMs`. By change time: apt gives files the age that the mirror says. */
export async function pruneFiles(directory: string, names: readonly string[], keepMs: number): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.ctimeMs > keepMs) await rm(path, { force: true });
  }
}
