/** How the controller itself is, for `zdms doctor`. */
export interface HealthDocument {
  readonly version: string;
  /** When the controller started, UTC ms. */
  readonly startedAt: number;
  /** Of all hosts. */
  readonly agents: readonly AgentHealthDocument[];
  /** Of the fleet file; empty while it cannot be read. */
  readonly pools: readonly PoolHealthDocument[];
}

/** What is known of an agent's connection; null: it did not connect since the controller started. */
export interface AgentHealthDocument {
  readonly host: string;
  /** By how much its clock is ahead of the controller's, by its last message and the time that took. */
  readonly clockAheadMs: number | null;
  readonly certificateEndsAt: number | null;
}

export interface PoolHealthDocument {
  readonly balancer: string;
  readonly backend: string;
  /** Null: not since the controller started. */
  readonly readAt: number | null;
  /** An open rollout has it read all the time; otherwise nobody asks. */
  readonly isWatched: boolean;
}
