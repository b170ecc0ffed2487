import type { Change } from './change.ts';
import { isWayBack } from './change.ts';
import { undosOf } from './planning/undo.ts';
import { policy } from './quarantine.ts';
import type { Rollout } from './rollout.ts';

/**
 * Rollouts that the policy has ended because of what they brought, and whose way back nobody has begun: those that ended first come first.
 * Told from journals alone, so a controller that has just taken over knows as much.
 */
export function wayBackDue(lately: readonly Rollout[]): readonly Rollout[] {
  const undone = new Set(
    lately.flatMap(({ plan: { change } }) => ('undo' in change.packages ? [change.packages.undo] : [])),
  );
  return lately
    .filter((rollout) => isTakenBack(rollout) && !undone.has(rollout.id) && undosOf(rollout).size > 0)
    .toSorted((one, other) => (one.endedAt ?? 0) - (other.endedAt ?? 0));
}

function isTakenBack({ endedAt, reason, plan }: Rollout): boolean {
  return endedAt !== null && reason?.code === 'rollout-aborted' && reason.by === policy && !isWayBack(plan.change);
}

/** The change that takes back what this rollout brought, everywhere and before anything else. */
export function wayBackFrom({ id }: Rollout): Change {
  return {
    name: `undo-${id}`,
    where: { kind: 'all' },
    packages: { undo: id },
    reboot: 'ifNeeded',
    stages: [{ name: 'back', pick: { kind: 'all' }, soakMs: 0 }],
    atOnce: null,
    priority: 'high',
    barrier: false,
    wayBack: 'ifPossible',
  };
}
