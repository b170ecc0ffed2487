import type { FileDifference, OrderedFile } from '../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../step-context.ts';
import type { Drift } from './drift.ts';

/** What an `install` or a `restore` has done. */
export type FileChanges = {
  /** Paths whose content, mode, owner or group is another one now. */
  readonly changed: readonly string[];
  /** One of them, or one that was changed since the last boot, is in force only after a boot. */
  readonly rebootNeeded: boolean;
};

/** A file that zdms put there, and in what it is no longer as it was put; empty: in nothing. */
export type SurveyedFile = { readonly path: string; readonly drift: readonly Drift[] };

/**
 * Files of a change on this host: all of them or none. `plan` is the plan's hash; what its files replace is kept under that name until
 * ten newer plans have come. Failures are thrown as StepFailure.
 */
export interface Files {
  /**
   * Could all of them be put there, and would the programs that read them take them? Changes nothing on the host. Throws `file-refused`
   * where something is in the way, `file-invalid` where the program that reads it says no.
   */
  check(files: readonly OrderedFile[], context: StepContext): Promise<void>;
  /**
   * Keeps what is there, puts all of them in place and in force. Else everything is as it was before the plan, and it throws what
   * `check` throws, `disk-full`, or `file-action-failed`. A file that is right already is left alone, and nothing is done for it.
   */
  install(plan: string, files: readonly OrderedFile[], context: StepContext): Promise<FileChanges>;
  /**
   * Puts back what `install` of that plan replaced, and does the same actions for what changed by it. Again, or with nothing kept: no
   * change. Throws `file-action-failed` where a program does not take back what it had.
   */
  restore(plan: string, context: StepContext): Promise<FileChanges>;
  /**
   * Could what that plan replaced be put back long after? Changes nothing. Throws `file-refused` where nothing is kept for it any more,
   * or a file of it has been changed since: what came later is not lost.
   */
  checkBack(plan: string): Promise<void>;
  /** Throws `files-differ` where one is not as ordered: content, mode, owner, group. */
  prove(plan: string, files: readonly OrderedFile[]): Promise<void>;
  /** Throws `files-differ` where one is not as it was before the plan. With nothing kept there is nothing to prove. */
  proveRestored(plan: string): Promise<void>;
  /**
   * Somebody has come in over a connection that began after the files were in force, so the way in is whole, and they may stay. No change
   * where nothing waits for that. Throws `not-a-new-connection` where it began earlier (UTC ms).
   */
  confirm(plan: string, sessionStartedAtMs: number): Promise<void>;
  /** What happens when nobody confirms: `restore`, and it is written down. No change after `confirm`. */
  heal(plan: string, context: StepContext): Promise<void>;
  /**
   * What `install` would change, file by file. Changes nothing; a file that could not be put there as the host is now is `unfit`, with the
   * reason. Never throws.
   */
  compare(files: readonly OrderedFile[]): Promise<readonly FileDifference[]>;
  /** Every file that zdms has put on this host and has not put back. Changes nothing. */
  survey(): Promise<readonly SurveyedFile[]>;
}
