import Database from 'better-sqlite3';
import { ZdmsError } from '../../../lib/zdms-error.ts';

/** Throws ZdmsError ZDMS_STORE_DAMAGED when SQLite's own check finds something. Takes milliseconds for a journal of a few MB. */
export function checkFile(database: Database.Database, file: string): void {
  const found = quickCheck(database);
  if (found === 'ok') return;
  throw new ZdmsError(
    'ZDMS_STORE_DAMAGED',
    `${file} is damaged: ${found}`,
    'Nothing was changed. Restore the state directory from a backup; hosts keep running without a controller.',
  );
}

function quickCheck(database: Database.Database): string {
  try {
    return String(database.pragma('quick_check(1)', { simple: true }));
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code !== 'SQLITE_BUSY') return error.message;
    throw error;
  }
}
