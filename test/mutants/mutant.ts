/** A guard that somebody could break by accident: one change of the sources, and the tests that have to notice. */
export interface Mutant {
  /** What the broken code does, in words. */
  readonly it: string;
  /** Occurs exactly once in `file`. */
  readonly find: string;
  readonly replace: string;
  readonly file: string;
  /** Test files of which one fails with this change. */
  readonly caughtBy: readonly string[];
}
