import type { Commands } from '../run-command.ts';
import type { DeadMan } from './dead-man.ts';
import type { KeptFiles } from './kept-files.ts';
import type { PutRecord } from './put-record.ts';

/** What installing and restoring files share. */
export type FileParts = {
  readonly commands: Commands;
  /** `/` but for tests. */
  readonly root: string;
  readonly kept: KeptFiles;
  readonly put: PutRecord;
  readonly deadMan: DeadMan;
  readonly confirmWithinMs: number;
  /** UTC ms. */
  readonly now: () => number;
  readonly readBootId: () => Promise<string>;
};
