import type { StepContext } from '../step-context.ts';

/** The root of this host as it was before a change, beside the packages that it has kept: for a person, never for us. */
export interface Snapshots {
  /** Can this host keep its root? */
  arePossible(): Promise<boolean>;
  /**
   * Keeps the root as it is now under the name of that plan, remarks where, and removes what more than two changes have left. A second
   * time for a plan, nothing is taken: what a retry finds is no longer how the host was. Never throws: what could not be kept is a remark.
   */
  take(plan: string, context: StepContext): Promise<void>;
}
