import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { digestOf, PERMISSION_BITS } from './file-state.ts';
import type { PutFile } from './put-record.ts';
import { readFirst, withRegularFile } from './regular-file.ts';

/** What is no longer as zdms put it. `kind`: something else than a regular file is there, or a link is on the way to it. */
export type Drift = 'gone' | 'kind' | 'content' | 'mode' | 'owner' | 'group';

/** Compares what is there with what was put there. Reads no more than zdms itself has written: another size is another content. */
export async function driftOf(root: string, put: PutFile): Promise<readonly Drift[]> {
  const found = await withRegularFile(root, put.path, (file, stats) => differencesFrom(put, file, stats));
  return typeof found === 'string' ? [found] : found;
}

async function differencesFrom(put: PutFile, file: FileHandle, found: Stats): Promise<readonly Drift[]> {
  const isSameContent = found.size === put.bytes && digestOf(await readFirst(file, put.bytes)) === put.sha256;
  return [
    ...(isSameContent ? [] : (['content'] as const)),
    ...((found.mode & PERMISSION_BITS) === put.mode ? [] : (['mode'] as const)),
    ...(found.uid === put.uid ? [] : (['owner'] as const)),
    ...(found.gid === put.gid ? [] : (['group'] as const)),
  ];
}
