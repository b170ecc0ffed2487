import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrorCode } from '../../../lib/is-error-code.ts';
import { digestOf } from './file-state.ts';
import type { PutFile } from './put-record.ts';

/** What is no longer as zdms put it. `kind`: something else than a regular file is there, or a link is on the way to it. */
export type Drift = 'gone' | 'kind' | 'content' | 'mode' | 'owner' | 'group';

const PERMISSION_BITS = 0o7777;

/**
 * Compares what is there with what was put there. Reads no more than zdms itself has written: another size is another content. Links
 * are not followed, and nothing that is no regular file is opened.
 */
export async function driftOf(root: string, put: PutFile): Promise<readonly Drift[]> {
  try {
    const parent = join(root, dirname(put.path));
    if ((await realpath(parent)) !== join(await realpath(root), dirname(put.path))) return ['kind'];
    const path = join(root, put.path);
    if (!(await lstat(path)).isFile()) return ['kind'];
    return await differencesFrom(put, path);
  } catch (error) {
    if (isErrorCode(error, 'ENOENT') || isErrorCode(error, 'ENOTDIR')) return ['gone'];
    if (isErrorCode(error, 'ELOOP')) return ['kind'];
    throw error;
  }
}

async function differencesFrom(put: PutFile, path: string): Promise<readonly Drift[]> {
  // It may have been replaced since the look at it: by a link, or by a pipe for which a reader would wait.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) return ['kind'];
    const isSameContent = found.size === put.bytes && (await digestOfFirst(file, put.bytes)) === put.sha256;
    return [
      ...(isSameContent ? [] : (['content'] as const)),
      ...((found.mode & PERMISSION_BITS) === put.mode ? [] : (['mode'] as const)),
      ...(found.uid === put.uid ? [] : (['owner'] as const)),
      ...(found.gid === put.gid ? [] : (['group'] as const)),
    ];
  } finally {
    await file.close();
  }
}

async function digestOfFirst(file: Awaited<ReturnType<typeof open>>, bytes: number): Promise<string> {
  const content = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(content, filled, bytes - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return digestOf(content.subarray(0, filled));
}
