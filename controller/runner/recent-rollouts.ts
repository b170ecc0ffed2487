import { foldEvents } from '../core/evolve.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

/** Rollouts that ended count for the limits this long (ms), and no more than so many of them. */
const recentMs = 24 * 3_600_000;
const recentRolloutsMax = 200;

/** Those that have ended lately, besides the ones that are known. */
export async function recentRollouts(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  known: ReadonlyMap<string, Rollout>,
): Promise<readonly Rollout[]> {
  const recent: Rollout[] = [];
  for (const id of (await store.rollouts('all')).slice(0, recentRolloutsMax)) {
    if (known.has(id)) continue;
    const rollout = foldEvents(id, await store.events(id));
    if (rollout === null || (rollout.endedAt ?? 0) < clock.now() - recentMs) break;
    recent.push(rollout);
  }
  return recent;
}
