import { closeSync, openSync } from 'node:fs';

/** Makes an empty file that only its owner may read, unless it is there. SQLite gives its journal files the same mode. */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw error;
  }
}
