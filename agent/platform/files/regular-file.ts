import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrorCode } from '../../../lib/is-error-code.ts';

/**
 * Looks at a regular file that may be anything by now. `gone`: nothing is there; `kind`: something else is, or a link is on the way to it.
 * Links are not followed, and nothing that is no regular file is opened for longer than it takes to see that.
 */
export async function withRegularFile<T>(
  root: string,
  path: string,
  look: (file: FileHandle, found: Stats) => Promise<T>,
): Promise<T | 'gone' | 'kind'> {
  try {
    const directory = dirname(path);
    if ((await realpath(join(root, directory))) !== join(await realpath(root), directory)) return 'kind';
    if (!(await lstat(join(root, path))).isFile()) return 'kind';
    return await openRegular(join(root, path), look);
  } catch (error) {
    if (isErrorCode(error, 'ENOENT') || isErrorCode(error, 'ENOTDIR')) return 'gone';
    if (isErrorCode(error, 'ELOOP')) return 'kind';
    throw error;
  }
}

async function openRegular<T>(path: string, look: (file: FileHandle, found: Stats) => Promise<T>): Promise<T | 'kind'> {
  // It may have been replaced since the look at it: by a link, or by a pipe for which a reader would wait.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    return found.isFile() ? await look(file, found) : 'kind';
  } finally {
    await file.close();
  }
}

/** So many bytes from the beginning, or all where there are fewer: a file that grows meanwhile is not followed. */
export async function readFirst(file: FileHandle, bytes: number): Promise<Buffer> {
  const content = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(content, filled, bytes - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return content.subarray(0, filled);
}
