import type { RolloutFact } from './event.ts';
import type { HostId } from './fleet.ts';
import { stageHosts } from './host-steps.ts';
import { makeIntent, type StepContext } from './host-steps.ts';
import type { Reason } from './reason.ts';
import type { HostProgress, Rollout } from './rollout.ts';
import { mayTakeOut } from './safety.ts';
import type { Timing } from './timing.ts';
import type { World } from './world.ts';

/** Which prepared hosts get a slot now, and why each of the others does not. */
export interface Dispatch {
  readonly take: readonly HostId[];
  readonly waits: ReadonlyMap<HostId, Reason>;
}

/** Walks the hosts of the open stage in the plan's priority and takes each one that every budget allows. Work-conserving: nobody waits for a wave. */
export function dispatch(rollout: Rollout, world: World, now: number, timing: Timing): Dispatch {
  const take: HostId[] = [];
  const waits = new Map<HostId, Reason>();
  for (const progress of stageProgress(rollout)) {
    if (progress.state.kind !== 'ready') continue;
    const refusal = refusalFor(progress.host, take, rollout, world, now, timing);
    if (refusal === null) take.push(progress.host);
    else waits.set(progress.host, refusal);
  }
  return { take, waits };
}

function refusalFor(
  host: HostId,
  taken: readonly HostId[],
  rollout: Rollout,
  world: World,
  now: number,
  timing: Timing,
): Reason | null {
  if (rollout.state === 'paused' || rollout.state === 'stopped' || rollout.state === 'aborting') return rollout.reason;
  const holder = world.slots.find((slot) => slot.host === host && slot.rollout !== rollout.id);
  if (holder !== undefined) return { code: 'host-in-other-rollout', rollout: holder.rollout };
  const out = [...world.slots.filter((slot) => slot.rollout === rollout.id).map((slot) => slot.host), ...taken];
  const { atOnce } = rollout.plan.change;
  if (atOnce !== null && out.length >= atOnce) return { code: 'at-once-spent', atOnce, out };
  const rules = { fleet: rollout.plan.fleet, groups: rollout.plan.groups, timing };
  return mayTakeOut([...taken, host], rules, world, now);
}

/** Hosts of the open stage that begin their preparation now: not so many that what they fetched grows old. */
export function prepare(
  rollout: Rollout,
  contextOf: (progress: HostProgress) => StepContext,
  timing: Timing,
): readonly RolloutFact[] {
  const hosts = stageProgress(rollout);
  const underway = hosts.filter(
    (each) => (each.state.kind === 'preparing' && !isUnreachable(each)) || each.state.kind === 'ready',
  ).length;
  return hosts
    .filter((each) => each.state.kind === 'waiting')
    .slice(0, Math.max(0, prepareLimit(rollout, timing) - underway))
    .map((each) => makeIntent(contextOf(each), 'preflight', { kind: 'preflight' }, each.intents, 'step'));
}

/** Those are tried for ever; they must not keep others from being prepared. */
function isUnreachable(progress: HostProgress): boolean {
  return [...progress.outcomes.values()].some((each) => each.outcome.kind === 'unreachable');
}

/** How many hosts may be prepared ahead: a multiple of what may be out. */
export function prepareLimit(rollout: Rollout, timing: Timing): number {
  const mayBeOut = Math.max(1, ...rollout.plan.groups.map((group) => group.maxOut));
  return timing.prepareAheadFactor * Math.min(mayBeOut, rollout.plan.change.atOnce ?? mayBeOut);
}

function stageProgress(rollout: Rollout): readonly HostProgress[] {
  return stageHosts(rollout)
    .map((id) => rollout.hosts.get(id))
    .filter((each) => each !== undefined);
}
