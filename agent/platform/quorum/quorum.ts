import type { QuorumMember } from '../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../step-context.ts';

/** The quorum system of which a member runs on this host. All methods throw StepFailure. */
export interface Quorum {
  /** What this host's member says of the whole group, all declared members included. `quorum-unreachable` when it does not answer. */
  members(): Promise<readonly QuorumMember[]>;
  /**
   * Hands leadership from this host's member to `to`, and returns the group once it leads. Leading elsewhere already: no effect.
   * `no-such-member`, `target-not-ready` (no voter, not healthy) before any effect; `leader-not-moved` at the deadline.
   */
  moveLeader(to: string, waitMs: number, context: StepContext): Promise<readonly QuorumMember[]>;
}
