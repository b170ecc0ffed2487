import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileState } from './file-state.ts';
import { syncDirectory } from '../../../lib/sync-directory.ts';

/** No pattern of a directory of snippets (`*.conf`, `*`) takes it, and sudo, cron and run-parts pass it over. */
const TEMPORARY = /^\.zdms-[0-9a-f]{12}$/;
const RANDOM_BYTES = 6;

/** Writes a file that must not exist, on disk before it returns. Nobody but root reads it before it has its owner and mode. */
export async function writeNewFile(path: string, { content, mode, uid, gid }: FileState): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.chown(uid, gid);
    // Last: a change of owner takes set-uid bits away.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts a file in its place, whole or not at all, and on disk before it returns. */
export async function putFile(path: string, state: FileState): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.zdms-${randomBytes(RANDOM_BYTES).toString('hex')}`);
  try {
    await writeNewFile(temporary, state);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/** Removes a file, on disk before it returns. Again: no change. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncDirectory(dirname(path));
}

/** Removes what an attempt that was cut off (power, killed) has left beside the file. */
export async function removeLeftBeside(path: string): Promise<void> {
  const directory = dirname(path);
  const left = (await readdir(directory)).filter((name) => TEMPORARY.test(name));
  for (const name of left) await rm(join(directory, name), { force: true });
}
