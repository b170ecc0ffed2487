import type { RolloutEvent } from '../core/event.ts';
import { evolve, foldEvents } from '../core/evolve.ts';
import type { Rollout } from '../core/rollout.ts';
import type { RunnerWitness } from '../ports/runner-witness.ts';

/** What one event made of a rollout; `before` null: it has made it. */
interface Change {
  readonly event: RolloutEvent;
  readonly before: Rollout | null;
  readonly after: Rollout;
}

/** What each of these events makes of the rollout, one after the other. */
export function changesBy(events: readonly RolloutEvent[], id: string, rollout: Rollout | null): readonly Change[] {
  const changes: Change[] = [];
  let before = rollout;
  for (const event of events) {
    const after = before === null ? foldEvents(id, [event]) : evolve(before, event);
    if (after !== null) changes.push({ event, before, after });
    before = after;
  }
  return changes;
}

/** A witness who cannot stop what he watches. */
export function harmless(witness: RunnerWitness, log: { error(data: object, message: string): void }): RunnerWitness {
  const tell = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      log.error({ error: String(error) }, 'who watches the runner has failed');
    }
  };
  return {
    committed: (event, before, after) => tell(() => witness.committed(event, before, after)),
    ticked: (tookMs) => tell(() => witness.ticked(tookMs)),
  };
}
