import type { HostId } from '../fleet.ts';
import type { Group } from '../plan.ts';
import { healthyVoters, majorityOf } from '../quorum.ts';
import type { Reason } from '../reason.ts';
import { Safety } from '../safety.ts';
import { type SafetyRules, type Standing, standingOf } from '../standing.ts';
import type { World } from '../world.ts';

/** One group, as it is and as it would be. */
export interface GroupLoss {
  readonly group: string;
  readonly size: number;
  readonly before: GroupRoom;
  readonly after: GroupRoom;
  /** Why not one more of its members could be taken out; null: one could. */
  readonly refusal: Reason | null;
}

/** What a group has left at one moment. */
export interface GroupRoom {
  readonly maxOut: number;
  /** Members that do not serve, or do not exist. */
  readonly out: number;
  /** How many more may be taken out. */
  readonly mayTake: number;
  /** Of a group that votes; null elsewhere. */
  readonly voters: { readonly count: number; readonly healthy: number; readonly majority: number } | null;
}

/** So many domains are tried for the one in which most may go, the largest first: more would take long and seldom find more. */
const domainsTried = 8;

/** How one group would stand after a loss, by the rules that take hosts out. */
export function groupLoss(group: Group, rules: SafetyRules, before: World, after: World, now: number): GroupLoss {
  const standing = standOf(group, rules, after, now);
  const { most, refusal } = mayTake(standing, rules, after, now);
  const present = standOf(group, rules, before, now);
  return {
    group: group.name,
    size: group.size,
    before: roomOf(present, mayTake(present, rules, before, now).most, rules, before, now),
    after: roomOf(standing, most, rules, after, now),
    refusal,
  };
}

/** A group as it stands in a snapshot. */
export function standOf(group: Group, rules: SafetyRules, world: World, now: number): Standing {
  return standingOf(group, rules, new Map(world.slots.map((slot) => [slot.host, slot])), world, now);
}

function roomOf(standing: Standing, most: number, rules: SafetyRules, world: World, now: number): GroupRoom {
  const { maxOut, missing, quorum, notServing } = standing;
  const away = notServing.filter(({ host }) => quorum?.nonVoters.has(host) !== true);
  return { maxOut, out: away.length + missing, mayTake: most, voters: votersOf(standing, rules, world, now) };
}

function votersOf(
  { group, quorum }: Standing,
  { fleet, timing }: SafetyRules,
  world: World,
  now: number,
): GroupRoom['voters'] {
  if (!fleet.services.some(({ name, quorum: votes }) => name === group.name && votes !== null)) return null;
  // Where no member is left that could be asked, its declared size tells how many there were.
  const count = quorum?.voters ?? group.size;
  return { count, healthy: healthyVoters(group.name, timing, world, now), majority: majorityOf(count) };
}

/** Who could go one by one; with a rule about domains it depends on the domain that begins. */
function mayTake(
  { group, notServing }: Standing,
  rules: SafetyRules,
  world: World,
  now: number,
): { readonly most: number; readonly refusal: Reason | null } {
  const away = new Set(notServing.map((each) => each.host));
  const serving = Object.keys(group.members).filter((host) => !away.has(host));
  const byDomain = [...Map.groupBy(serving, (host) => group.members[host] ?? '').values()]
    .sort((one, other) => other.length - one.length)
    .slice(0, domainsTried);
  let most = 0;
  let refusal: Reason | null = null;
  for (const hosts of byDomain) {
    const taken = takeOf([...hosts, ...serving], rules, world, now);
    most = Math.max(most, taken.count);
    refusal ??= taken.refusal;
  }
  return { most, refusal: most > 0 ? null : refusal };
}

function takeOf(
  hosts: readonly HostId[],
  rules: SafetyRules,
  world: World,
  now: number,
): { readonly count: number; readonly refusal: Reason | null } {
  const safety = new Safety(rules, world, now);
  const taken = new Set<HostId>();
  let first: Reason | null = null;
  for (const host of hosts) {
    if (taken.has(host)) continue;
    const refusal = safety.refusal(host);
    first ??= refusal;
    if (refusal !== null) continue;
    safety.take(host);
    taken.add(host);
  }
  return { count: taken.size, refusal: first };
}
