import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';

/** File name -> content. */
export type KeyFiles = Readonly<Record<string, string>>;

/**
 * Creates the directory with all its files, or nothing: they are written beside it and renamed into place. Files are 0600.
 * Throws ZdmsError ZDMS_IDENTITY_EXISTS when there is a directory already; keys are never overwritten.
 */
export function createKeyDirectory(directory: string, files: KeyFiles): void {
  const draft = `${directory}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(files)) writeDurably(join(draft, name), content);
  flush(draft);
  try {
    // Fails where `directory` is there and not empty.
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (isOccupied(error)) {
      throw new ZdmsError(
        'ZDMS_IDENTITY_EXISTS',
        `${directory} holds the keys of a controller already`,
        'Nothing was changed. Use another state directory, or move this one away; its hosts will then have to be enrolled again.',
      );
    }
    throw error;
  }
  flush(join(directory, '..'));
}

/** Replaces one file, for a reader either the old or the new one. */
export function replaceKeyFile(directory: string, name: string, content: string): void {
  writeDurably(join(directory, `${name}.new`), content);
  renameSync(join(directory, `${name}.new`), join(directory, name));
  flush(directory);
}

/** Throws ZdmsError ZDMS_IDENTITY_MISSING, or ZDMS_IDENTITY_EXPOSED when others on this machine may read the file. */
export function readKeyFile(directory: string, name: string): string {
  const path = join(directory, name);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new ZdmsError(
      'ZDMS_IDENTITY_MISSING',
      `${path} is not there`,
      'Make the keys of a new controller with `zdms init`.',
    );
  }
  if ((stat.mode & 0o077) !== 0) {
    throw new ZdmsError(
      'ZDMS_IDENTITY_EXPOSED',
      `others than its owner may read or write ${path}`,
      `Find out who did, then: chmod 600 ${path}`,
    );
  }
  return readFileSync(path, 'utf8');
}

function writeDurably(path: string, content: string): void {
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function flush(directory: string): void {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

function isOccupied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
}
