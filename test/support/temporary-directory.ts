import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of this test run's own. Each `afterEach` of the caller should call `removeTemporaryDirectories`. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'zdms-test-'));
  made.push(directory);
  return directory;
}

export function removeTemporaryDirectories(): void {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
}

const made: string[] = [];
