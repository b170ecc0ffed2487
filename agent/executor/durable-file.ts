import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../../lib/sync-directory.ts';

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function temporaryName(path: string): string {
  return `${dirname(path)}/.new-${randomUUID()}`;
}

function isExistsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/**
 * Creates a file that must not exist, whole or not at all, and on disk before it returns. False when it was there already.
 * Written aside and linked: readers never see half a file, not even after a power cut.
 */
export async function createDurably(path: string, text: string): Promise<boolean> {
  const temporary = temporaryName(path);
  await writeSynced(temporary, text);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (isExistsError(error)) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
    await syncDirectory(dirname(path));
  }
}

/** Replaces a file, whole or not at all, and on disk before it returns. */
export async function replaceDurably(path: string, text: string): Promise<void> {
  const temporary = temporaryName(path);
  await writeSynced(temporary, text);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Replaces a file whole, but not surely on disk: for what a power cut may take back. It spares the two slowest calls. */
export async function replaceQuickly(path: string, text: string): Promise<void> {
  const temporary = temporaryName(path);
  await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
  await rename(temporary, path);
}
