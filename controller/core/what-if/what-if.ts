import { limiterFacts } from '../dispatch.ts';
import type { HostId } from '../fleet.ts';
import { stageHosts } from '../host-steps.ts';
import { limiterRefusal } from '../limiter.ts';
import type { Group } from '../plan.ts';
import type { NotServing, Reason } from '../reason.ts';
import type { Rollout } from '../rollout.ts';
import { Safety } from '../safety.ts';
import type { SafetyRules } from '../standing.ts';
import type { World } from '../world.ts';
import { type GroupLoss, groupLoss, standOf } from './group-loss.ts';
import { assumeUnread, worldWithout } from './other-world.ts';

/** What would be if some hosts were lost now. */
export interface WhatIf {
  readonly lost: readonly HostId[];
  /** What nobody has looked at of late and is assumed to be as declared, in words. */
  readonly assumed: readonly string[];
  /** Groups that would stand differently, in the order of the fleet. */
  readonly groups: readonly GroupLoss[];
  /** All open ones; whoever gets the next free slot first. */
  readonly rollouts: readonly RolloutLoss[];
}

/** What would become of one rollout. */
export interface RolloutLoss {
  readonly rollout: Rollout;
  /** Lost hosts that it has out: nobody knows when they come back, and they count as out until then. */
  readonly lostWhileOut: readonly HostId[];
  /** A host that could be taken out nevertheless; null: none could. */
  readonly next: HostId | null;
  /** Hosts of the open stages that would wait, by reason. */
  readonly waits: readonly { readonly reason: Reason; readonly hosts: readonly HostId[] }[];
}

/** The limiter looks at the whole fleet for each host: so many of a rollout's hosts are put to it, and it says the same to most. */
const limiterAskedMax = 20;

/** Judges a changed snapshot by the rules that take hosts out. `rules`: of the fleet as it is today; each rollout goes by those of its plan. */
export function whatIf(lost: readonly HostId[], rules: SafetyRules, world: World, now: number): WhatIf {
  const { world: before, assumed } = assumeUnread(world, rules, now);
  const after = worldWithout(before, new Set(lost));
  return {
    lost,
    assumed,
    groups: groupsConcerned(rules, before, after, now)
      .map((group) => groupLoss(group, rules, before, after, now))
      .filter(isDifferent)
      .map((loss) => ({ ...loss, refusal: loss.refusal === null ? null : callingLost(loss.refusal, lost) })),
    rollouts: world.rollouts.map((rollout) => rolloutLoss(rollout, lost, rules, after, now)),
  };
}

/** Groups that would lack more, and those that share hosts with them: each is looked at closely, which takes its time in a large fleet. */
function groupsConcerned(rules: SafetyRules, before: World, after: World, now: number): readonly Group[] {
  const lacking = rules.groups.filter(
    (group) =>
      standOf(group, rules, before, now).notServing.length !== standOf(group, rules, after, now).notServing.length,
  );
  const hosts = new Set(lacking.flatMap((group) => Object.keys(group.members)));
  return rules.groups.filter((group) => Object.keys(group.members).some((host) => hosts.has(host)));
}

function isDifferent({ before, after }: GroupLoss): boolean {
  return before.out !== after.out || before.mayTake !== after.mayTake || before.maxOut !== after.maxOut;
}

function rolloutLoss(
  rollout: Rollout,
  lost: readonly HostId[],
  { timing }: SafetyRules,
  world: World,
  now: number,
): RolloutLoss {
  const { fleet, groups } = rollout.plan;
  const safety = new Safety({ fleet, groups, timing }, world, now);
  const toCome = stageHosts(rollout).filter((host) => !lost.includes(host) && isToCome(rollout, host));
  const refused = toCome.flatMap((host) => {
    const reason = safety.refusal(host);
    return reason === null ? [] : [{ host, reason }];
  });
  const unsafe = new Set(refused.map((each) => each.host));
  const safe = toCome.filter((host) => !unsafe.has(host)).slice(0, limiterAskedMax);
  const limited = safe.map((host) => ({
    host,
    reason: limiterRefusal([host], world.limits, limiterFacts(rollout, world), now),
  }));
  const next = limited.find((each) => each.reason === null)?.host ?? null;
  const stopped = limited.flatMap(({ host, reason }) => (reason === null ? [] : [{ host, reason }]));
  return {
    rollout,
    lostWhileOut: lost.filter((host) => isOut(rollout, host)),
    next,
    waits: byReason([...refused, ...stopped]).map((each) => ({ ...each, reason: callingLost(each.reason, lost) })),
  };
}

/** Of hosts that are gone nobody has ever heard in that world; what they are to a reader is lost. */
function callingLost(reason: Reason, lost: readonly HostId[]): Reason {
  if (!('notServing' in reason)) return reason;
  const notServing = reason.notServing.map((member): NotServing =>
    lost.includes(member.host) ? { host: member.host, because: 'lost', detail: '' } : member,
  );
  return { ...reason, notServing };
}

function isOut({ hosts }: Rollout, host: HostId): boolean {
  return (hosts.get(host)?.slotTakenAt ?? null) !== null;
}

function isToCome({ hosts }: Rollout, host: HostId): boolean {
  const kind = hosts.get(host)?.state.kind;
  return kind === 'waiting' || kind === 'preparing' || kind === 'ready';
}

/** Hosts that wait for the same thing of the same group share a line; the reason is that of the first. */
function byReason(waits: readonly { readonly host: HostId; readonly reason: Reason }[]): RolloutLoss['waits'] {
  const same = Map.groupBy(waits, ({ reason }) => `${reason.code} ${'group' in reason ? reason.group : ''}`);
  return [...same.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ reason: first.reason, hosts: [first.host, ...others.map((each) => each.host)] }],
  );
}
