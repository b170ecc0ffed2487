import Database from 'better-sqlite3';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { createPrivateFile } from './private-file.ts';

/** Held by the one process that leads with this state directory. */
export interface ProcessLock {
  release(): void;
}

/**
 * Takes the lock, or throws ZdmsError ZDMS_STORE_IN_USE with the pid of its holder at once.
 *
 * The lock is an exclusive transaction on a second, empty SQLite file that stays open as long as the process leads. It is a lock of
 * the operating system, so it is gone the moment its holder is, however that ended: no pid file to clear, no lease to wait for.
 * It is a file of its own because the journal has to stay readable (backup, quick_check) while a controller runs. The pid beside
 * it is there for the message only and is never believed. As a fence it is not enough (a copied disk, a paused process):
 * that is what the epoch is for.
 */
export function takeProcessLock(directory: string): ProcessLock {
  const file = join(directory, 'leader.lock');
  const pidFile = join(directory, 'leader.pid');
  createPrivateFile(file);
  // No time to wait: whoever holds the lock holds it for its life.
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') throw inUse(directory, pidFile);
    throw error;
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => void lock.close() };
}

function inUse(directory: string, pidFile: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_STORE_IN_USE',
    `another controller (process ${holderOf(pidFile)}) works with ${directory}`,
    'Stop it first, or use another state directory.',
  );
}

function holderOf(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
