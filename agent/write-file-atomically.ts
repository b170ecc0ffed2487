import { mkdir, open, rename, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join, basename } from 'node:path';
import { syncDirectory } from '../lib/sync-directory.ts';

/** A user and group by number. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** How a file is to look when it is in place. Without an owner it belongs to whoever writes it. */
export interface FileShape {
  readonly mode: number;
  readonly owner?: FileOwner;
}

/**
 * Replaces `file` in one step: a reader, or a power cut, finds the old content or the new, never a part. Directories on the way are
 * made (0755). The new file is created exclusively and given its owner through its handle, so that a link planted in a
 * directory that somebody else may write is never followed.
 */
export async function writeFileAtomically(file: string, content: string, shape: FileShape): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const temporary = join(directory, `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeNewFile(temporary, content, shape);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

async function writeNewFile(file: string, content: string, shape: FileShape): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    if (shape.owner !== undefined) await handle.chown(shape.owner.uid, shape.owner.gid);
    await handle.chmod(shape.mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
