import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { isErrorCode } from '../../../lib/is-error-code.ts';

/** A regular file as it is or as it is to be. */
export type FileState = {
  readonly content: Buffer;
  /** Permission bits, with set-uid, set-gid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

export const PERMISSION_BITS = 0o7777;

/** Null: nothing is there. `other`: something is that is no regular file. A link is not followed. */
export async function readFileState(path: string): Promise<FileState | 'other' | null> {
  try {
    const found = await lstat(path);
    if (!found.isFile()) return 'other';
    const { uid, gid, mode } = found;
    return { content: await readFile(path), mode: mode & PERMISSION_BITS, uid, gid };
  } catch (error) {
    if (isErrorCode(error, 'ENOENT') || isErrorCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

/** The same without its content. */
export async function kindAt(path: string): Promise<'file' | 'other' | null> {
  try {
    return (await lstat(path)).isFile() ? 'file' : 'other';
  } catch (error) {
    if (isErrorCode(error, 'ENOENT') || isErrorCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

export function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What differs, in words, or null. */
export function differenceOf(found: FileState | 'other' | null, wanted: FileState | null): string | null {
  if (found === null || wanted === null) {
    if (found === wanted) return null;
    return found === null ? 'it is not there' : 'it is there, and was not';
  }
  if (found === 'other') return 'it is no regular file';
  const differences = [
    ...(found.content.equals(wanted.content) ? [] : ['its content']),
    ...(found.mode === wanted.mode ? [] : [`its mode ${octal(found.mode)}, not ${octal(wanted.mode)}`]),
    ...(found.uid === wanted.uid ? [] : [`its owner ${found.uid}, not ${wanted.uid}`]),
    ...(found.gid === wanted.gid ? [] : [`its group ${found.gid}, not ${wanted.gid}`]),
  ];
  return differences.length === 0 ? null : `other than it should be: ${differences.join(', ')}`;
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
