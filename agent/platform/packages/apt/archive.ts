import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';

/** Downloaded packages older than this and named by no current order are removed (ms). */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;

/** How apt names the file of a version: the epoch's colon is escaped. */
function fileStem(wanted: ExactPackage): string {
  return `${wanted.name}_${wanted.version.replaceAll(':', '%3a')}_`;
}

/** Path of the .deb of this exact version in `directory`, or null. */
export async function findArchive(directory: string, wanted: ExactPackage): Promise<string | null> {
  const names = await readdir(directory).catch((): string[] => []);
  const found = names.find((name) => name.startsWith(fileStem(wanted)) && name.endsWith('.deb'));
  return found === undefined ? null : join(directory, found);
}

/** Removes old downloads that are not among `keep`. By change time: apt gives files the age that the mirror says. */
export async function pruneArchives(directory: string, keep: readonly ExactPackage[], nowMs: number): Promise<void> {
  const names = await readdir(directory).catch((): string[] => []);
  for (const name of names.filter((one) => one.endsWith('.deb'))) {
    if (keep.some((wanted) => name.startsWith(fileStem(wanted)))) continue;
    const path = join(directory, name);
    const changedMs = await stat(path).then(
      (found) => found.ctimeMs,
      () => nowMs,
    );
    if (nowMs - changedMs > KEEP_MS) await rm(path, { force: true });
  }
}
