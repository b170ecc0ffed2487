import { type Answer, answerOf } from '../core/answer/answer.ts';
import { type Fleet, type Host, selectHosts } from '../core/fleet.ts';
import type { NotServing, Reason } from '../core/reason.ts';
import type { Rollout } from '../core/rollout.ts';
import { unproven } from '../core/serving.ts';
import { whyNot } from '../core/why.ts';
import type { HostAnswer } from '../ports/operations.ts';
import type { OperationsParts } from './operations-parts.ts';

/** Why a host is not done, in each open rollout that has it; in none: why it does not serve. `fleet` null: its file cannot be read. */
export function whyHost(parts: OperationsParts, host: Host, fleet: Fleet | null): readonly HostAnswer[] {
  const open = parts.runner.open().filter(({ hosts, plan }) => hosts.has(host.id) || isLeftOut(plan, host));
  return open.length > 0 ? open.map((rollout) => inRollout(parts, host, rollout)) : [inNone(parts, host, fleet)];
}

function isLeftOut({ leftOut }: Rollout['plan'], { id }: Host): boolean {
  return leftOut.some((each) => each.host === id);
}

function inRollout({ runner, clock, timing }: OperationsParts, { id }: Host, rollout: Rollout): HostAnswer {
  const world = runner.world();
  const now = clock.now();
  const reason = whyNot(rollout, id, world, now, timing);
  const about = { host: id, rollout, fleet: rollout.plan.fleet };
  return {
    rollout: rollout.id,
    state: rollout.hosts.get(id)?.state.kind ?? 'left out',
    answer: reason === null ? null : answerOf(reason, about, world, now),
  };
}

function inNone(parts: OperationsParts, host: Host, fleet: Fleet | null): HostAnswer {
  const reason = servingReason(parts, host, fleet);
  const about = { host: host.id, rollout: null, fleet };
  const answer: Answer | null =
    reason === null || fleet === null
      ? null
      : answerOf(reason, { ...about, fleet }, parts.runner.world(), parts.clock.now());
  return { rollout: null, state: reason === null ? 'serving' : 'not serving', answer };
}

/** Why a host does not serve, by its agent alone: pools are read only during rollouts. Null: it does, or it is in no service. */
export function servingReason(
  { runner, clock, timing }: OperationsParts,
  host: Host,
  fleet: Fleet | null,
): Reason | null {
  const world = runner.world();
  const slot = world.slots.find((each) => each.host === host.id);
  const doubt: NotServing | null =
    slot === undefined
      ? unproven(host.id, undefined, timing, world, clock.now())
      : { host: host.id, because: 'slot', detail: slot.rollout };
  const service = fleet?.services.find((each) => selectHosts(each.hosts, [host]).length > 0);
  if (doubt === null || service === undefined) return null;
  return {
    code: 'members-missing',
    group: service.name,
    maxOut: service.maxOut,
    notServing: [doubt],
    missing: 0,
  };
}
