import { dispatch, prepare } from './dispatch.ts';
import { isWayBack } from './change.ts';
import { explain } from './explain.ts';
import { haltReason } from './halt.ts';
import type { RolloutEvent, RolloutFact } from './event.ts';
import { type StepContext, stageHosts } from './host-steps.ts';
import { nextForHost, protectDrains } from './next-step.ts';
import { hostsElsewhere, outTogether, prepareAnew } from './other-rollouts.ts';
import { sameFailure } from './limiter.ts';
import { condemned, policy, quarantinedIn } from './quarantine.ts';
import type { Reason } from './reason.ts';
import { type HostProgress, openFailures, type Rollout } from './rollout.ts';
import type { Timing } from './timing.ts';
import { wayBackForHeld } from './way-home.ts';
import { timingOfHost } from './timing-of-host.ts';
import type { World } from './world.ts';

/**
 * What the rollout does next, given one snapshot of the world. Pure: the same arguments give the same events.
 * Empty: there is something to wait for; `whyNot` says what.
 */
export function decide(rollout: Rollout, world: World, now: number, timing: Timing): readonly RolloutEvent[] {
  return decideFacts(rollout, world, now, timing).map((fact) => ({ at: now, ...fact }));
}

function decideFacts(rollout: Rollout, world: World, now: number, timing: Timing): readonly RolloutFact[] {
  if (rollout.state === 'planned' || rollout.endedAt !== null) return [];
  const contextOf = (progress: HostProgress): StepContext => ({
    ...{ rollout, progress, world, now },
    timing: timingOfHost(timing, rollout, progress.host),
  });
  const hosts = [...rollout.hosts.values()];
  const protect = hosts.flatMap((each) => protectDrains(contextOf(each)));
  const alarm = alarms(rollout, world, now);
  // What stops the rollout is committed and folded before anything else is begun.
  if (alarm.length > 0) return [...alarm, ...protect];
  const elsewhere = hostsElsewhere(rollout, world);
  const aborting = rollout.state === 'aborting';
  const moves = hosts
    .filter(
      ({ host, state }) => state.kind === 'out' || (state.kind === 'preparing' && (aborting || !elsewhere.has(host))),
    )
    .flatMap((each) => nextForHost(contextOf(each)));
  const anew = aborting ? [] : prepareAnew(rollout, world);
  const opened = rollout.state === 'running' ? stageGate(rollout, now) : [];
  const begun =
    rollout.state === 'running' && haltReason(world) === null
      ? prepare({ rollout, world, now, timing }, elsewhere)
      : [];
  const taken =
    rollout.state === 'running'
      ? dispatch(rollout, world, now, timing).take.map((host) => ({ kind: 'slotTaken', host }) as const)
      : [];
  const skipped = aborting ? [...skipRest(rollout), ...freeHeld(hosts.map(contextOf))] : [];
  const facts = [
    ...protect,
    ...outTogether(rollout, world),
    ...moves,
    ...anew,
    ...opened,
    ...begun,
    ...taken,
    ...skipped,
  ];
  return facts.length > 0 ? facts : ending(rollout, world);
}

/** A user noticed something, or too many hosts failed: no new slots from here on. */
function alarms(rollout: Rollout, world: World, now: number): readonly RolloutFact[] {
  if (rollout.state !== 'running') return [];
  const failure = world.probeFailures[0];
  // A version that users notice is what a way back is for.
  if (failure !== undefined && !isWayBack(rollout.plan.change)) {
    const out = world.slots.map((slot) => slot.host);
    return [{ kind: 'paused', by: 'prober', reason: { code: 'probe-failed', ...failure, out } }];
  }
  const edited = fleetChange(rollout, world) ?? newlyQuarantined(rollout, world);
  if (edited !== null) return [{ kind: 'paused', by: 'zdms', reason: edited }];
  const why = sameFailureReason(rollout, world) ?? tooManyFailures(rollout, now);
  return why === null ? [] : stopOrTakeBack(rollout, why, now);
}

/** A person, or the failures of another rollout, spoke against what this one brings; nobody has resumed it in spite of that yet. */
function newlyQuarantined(rollout: Rollout, world: World): Reason | null {
  if (world.quarantine.size === 0) return null;
  const quarantine = new Map([...world.quarantine].filter(([key]) => !rollout.quarantineAccepted.has(key)));
  const toCome = [...rollout.hosts.values()].filter(({ state }) =>
    ['waiting', 'preparing', 'ready'].includes(state.kind),
  );
  return quarantinedIn(rollout.plan, new Set(toCome.map(({ host }) => host)), quarantine);
}

/** Where the policy undoes, and the failures speak against what was brought, nobody keeps it: the rollout is aborted, and its way back follows. */
function stopOrTakeBack(rollout: Rollout, why: Reason, now: number): readonly RolloutFact[] {
  const { plan } = rollout;
  const packages = condemned(rollout);
  if (plan.fleet.policy.onFailure !== 'undo' || isWayBack(plan.change) || packages.length === 0)
    return [{ kind: 'stopped', reason: why }];
  const text = why.code === 'rollout-stopped' ? why.text : explain(why, now);
  return [
    { kind: 'quarantined', by: policy, packages, text },
    { kind: 'abortRequested', by: policy, reason: text },
  ];
}

/** By the policy; or because a stage before the last is a gate: one failure closes it, whatever the policy forgives later. */
function tooManyFailures(rollout: Rollout, now: number): Reason | null {
  const failed = openFailures(rollout).map((each) => each.host);
  const isLast = rollout.stage >= rollout.plan.stages.length - 1;
  const limit = isLast ? stopLimit(rollout) : 1;
  if (failed.length < limit) return null;
  const why = isLast ? `the policy stops after ${limit}` : 'a stage with a failure opens no other';
  const at = new Date(now).toISOString().slice(0, 16).replace('T', ' ');
  const text = `${failed.join(', ')} failed at ${at} UTC, and ${why}`;
  return { code: 'rollout-stopped', text };
}

/** The plan was made for another fleet: what is out finishes, and a person says whether to go on by the plan's rules. */
function fleetChange(rollout: Rollout, { fleet }: World): Reason | null {
  const detail = fleet?.changes.get(rollout.id);
  if (fleet === null || detail === undefined || fleet.hash === rollout.fleetAccepted) return null;
  return { code: 'fleet-changed', hash: fleet.hash, detail };
}

/** The same failure again is no accident of one host; what a person has accepted is not held against the next ones. */
function sameFailureReason(rollout: Rollout, { limits }: World): Reason | null {
  if (limits.kind !== 'limits') return null;
  return sameFailure(limits.limits, openFailures(rollout));
}

/** How many failed hosts stop a rollout, by its policy: by number or by share, whichever comes first, but never before the first. */
function stopLimit({ plan }: Rollout): number {
  const { stopAfterHosts, stopAfterPercent } = plan.fleet.policy;
  const share = stopAfterPercent === null ? Infinity : Math.floor((plan.hosts.length * stopAfterPercent) / 100);
  return Math.max(1, Math.min(stopAfterHosts, share));
}

/** The next stage opens when every host of this one has ended well and stayed so for the soak time. */
function stageGate(rollout: Rollout, now: number): readonly RolloutFact[] {
  const next = rollout.stage + 1;
  if (next >= rollout.plan.stages.length) return [];
  const soakedAt = stageSoakedAt(rollout);
  return soakedAt !== null && now >= soakedAt ? [{ kind: 'stageOpened', stage: next }] : [];
}

/** When the open stage's soak is over; null while it has hosts under way, 0 before the first stage. */
export function stageSoakedAt(rollout: Rollout): number | null {
  const hosts = stageHosts(rollout).map((id) => rollout.hosts.get(id));
  if (hosts.some((each) => each?.state.kind !== 'done' && each?.state.kind !== 'skipped')) return null;
  const lastEnd = Math.max(0, ...hosts.map((each) => each?.endedAt ?? 0));
  return lastEnd + (rollout.plan.stages[rollout.stage]?.soakMs ?? 0);
}

function skipRest(rollout: Rollout): readonly RolloutFact[] {
  const by = rollout.reason?.code === 'rollout-aborted' ? rollout.reason.by : '';
  return [...rollout.hosts.values()]
    .filter((each) => each.state.kind === 'waiting' || each.state.kind === 'ready')
    .map((each) => ({ kind: 'skipped', host: each.host, reason: { code: 'aborted', by, after: null } }));
}

function freeHeld(contexts: readonly StepContext[]): readonly RolloutFact[] {
  return contexts.filter((each) => each.progress.state.kind === 'held').flatMap(wayBackForHeld);
}

/** It ends when every host has, and nothing of ours is left to put back. */
function ending(rollout: Rollout, world: World): readonly RolloutFact[] {
  const hosts = [...rollout.hosts.values()];
  const allEnded = hosts.every((each) => each.state.kind === 'done' || each.state.kind === 'skipped');
  const holds = world.slots.some((slot) => slot.rollout === rollout.id);
  if (!allEnded || holds || rollout.openIntents.size > 0 || rollout.obligations.size > 0) return [];
  if (rollout.state === 'aborting') return [{ kind: 'ended', result: 'aborted' }];
  return [
    { kind: 'ended', result: hosts.every((each) => each.state.kind === 'done') ? 'done' : 'done-with-exceptions' },
  ];
}
