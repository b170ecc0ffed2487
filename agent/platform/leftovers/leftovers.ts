import type { StepContext } from '../step-context.ts';
import type { OldFiles, Restarts } from './least-action.ts';

/** Who uses a package now, and what an update of it will take. */
export type PackageUse = {
  /** Units that run files of it, the system's own and those that are never restarted included, by name. */
  readonly usedBy: readonly string[];
  /** Why restarts of these will not do; null: they will. */
  readonly rebootBecause: string | null;
};

/** What of this host still runs files that an update has replaced, or would after the next one. */
export interface Leftovers {
  /** One look at all processes. Throws Error when they cannot be read. */
  find(): Promise<OldFiles>;
  /** Restarts what runs now and is named. Throws StepFailure `restart-failed`, which names what did not come back. */
  restart(restarts: Restarts, context: StepContext): Promise<void>;
  /** By package, of those that are named and anything is known of. */
  use(packages: readonly string[]): Promise<ReadonlyMap<string, PackageUse>>;
}
