import type { RolloutEvent } from '../core/event.ts';
import type { Rollout } from '../core/rollout.ts';

/** Who is told what the runner has done, for people and programs that watch it. What it throws is logged and changes nothing. */
export interface RunnerWitness {
  /** An event is on disk. `before` null: it has made the rollout. */
  committed(event: RolloutEvent, before: Rollout | null, after: Rollout): void;
  /** A tick has ended; it took so long. */
  ticked(tookMs: number): void;
}
