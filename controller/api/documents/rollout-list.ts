import type { RolloutLineDocument, RolloutListDocument } from '../../../proto/zdms/v1/documents.ts';
import type { Rollout } from '../../core/rollout.ts';
import type { World } from '../../core/world.ts';
import { haltOf } from './halt.ts';
import { reasonDocument } from './reason.ts';

/** All open rollouts as `status` shows them side by side. `now` is UTC ms. */
export function rolloutListDocument(rollouts: readonly Rollout[], world: World, now: number): RolloutListDocument {
  return { halt: haltOf(world), rollouts: rollouts.map((rollout) => rolloutLine(rollout, world, now)) };
}

function rolloutLine(rollout: Rollout, { slots }: World, now: number): RolloutLineDocument {
  const { id, plan, state, startedAt, stage, hosts, reason } = rollout;
  const byState = Map.groupBy(hosts.values(), (host) => host.state.kind);
  return {
    id,
    plan: plan.hash,
    change: plan.change.name,
    priority: plan.change.priority,
    state,
    startedAt,
    stage: plan.stages[stage]?.name ?? null,
    counts: Object.fromEntries([...byState].map(([kind, those]) => [kind, those.length])),
    slots: slots.filter((slot) => slot.rollout === id).map((slot) => slot.host),
    reason: reasonDocument(reason, now),
  };
}
