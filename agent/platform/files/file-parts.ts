import type { Commands } from '../run-command.ts';
import type { DeadMan } from './dead-man.ts';
import type { KeptFiles } from './kept-files.ts';

/** What installing and restoring files share. */
export type FileParts = {
  readonly commands: Commands;
  /** `/` but for tests. */
  readonly root: string;
  readonly kept: KeptFiles;
  readonly deadMan: DeadMan;
  readonly confirmWithinMs: number;
  /** UTC ms. */
  readonly now: () => number;
  readonly readBootId: () => Promise<string>;
};
