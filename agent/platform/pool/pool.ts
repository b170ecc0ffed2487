import type { AdminState, PoolServer } from '../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../step-context.ts';

/** A balancer that runs on this host. All methods throw StepFailure; each returns the backend's servers as they are afterwards. */
export interface Pool {
  /** Reads only. `pool-unreachable`, `no-such-server`. */
  show(backend: string): Promise<readonly PoolServer[]>;
  /**
   * Takes a server out: drain, wait until nothing is in flight, then maint. Again on a server that is out: no effect.
   * `last-server` before any effect; `drain-timeout` leaves it draining.
   */
  drain(backend: string, server: string, waitMs: number, context: StepContext): Promise<readonly PoolServer[]>;
  /**
   * Brings a server back to `restore`, through drain and a check that ran after the call (a result from before the maintenance
   * proves nothing). `not-healthy` leaves it draining; `not-full-weight` leaves it ready.
   */
  open(
    backend: string,
    server: string,
    restore: AdminState,
    waitMs: number,
    context: StepContext,
  ): Promise<readonly PoolServer[]>;
}
