import type { HostId } from './fleet.ts';
import type { Timing } from './timing.ts';
import type { QuorumFacts, QuorumMemberFacts, World } from './world.ts';

/** Healthy voters to keep beyond the majority where the group is large enough: one may still fail by itself meanwhile. */
const spareVoters = 1;
/** A member further behind than this does not follow (log entries): etcd keeps at most so many messages in flight to a follower. */
const lagMax = 512;

/** How many of `voters` make a majority. */
export function majorityOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** How many healthy voters have to stay while hosts of the group are out. A group of two has none to spare at all. */
export function votersKept(voters: number): number {
  const majority = majorityOf(voters);
  return Math.max(majority, Math.min(majority + spareVoters, voters - 1));
}

/** A quorum group as all its members together show it. */
export interface QuorumView {
  /** As many as any of them counts. */
  readonly voters: number;
  /** Null: none, or they do not agree. */
  readonly leader: HostId | null;
}

/** What the fresh readings of a group say together; null when there is none. */
export function quorumView(service: string, timing: Timing, world: World, now: number): QuorumView | null {
  const readings = freshReadings(service, timing, world, now).map(([, facts]) => facts);
  if (readings.length === 0) return null;
  const leaders = new Set(readings.flatMap((facts) => facts.members.filter(leads).map((each) => each.name)));
  const [leader] = leaders;
  return {
    voters: Math.max(...readings.map((facts) => facts.members.filter((each) => each.voter).length)),
    leader: leaders.size === 1 && leader !== undefined ? leader : null,
  };
}

function leads(member: QuorumMemberFacts): boolean {
  return member.leader;
}

function freshReadings(
  service: string,
  timing: Timing,
  world: World,
  now: number,
): readonly (readonly [HostId, QuorumFacts])[] {
  return [...(world.quorums.get(service) ?? [])].filter(
    ([, facts]) => Math.abs(now - facts.observedAt) <= timing.quorumStaleMs,
  );
}

/** Why the group does not call a member healthy and caught up; null when every other member that was asked does. */
export interface MemberDoubt {
  readonly because: 'group-unknown' | 'group-unhealthy' | 'group-lagging';
  readonly detail: string;
}

/**
 * What the *others* say of a member: its own word is not asked, and one of them that doubts it is enough.
 * A reading from before our last effect on it is void.
 */
export function memberDoubt(
  service: string,
  member: HostId,
  timing: Timing,
  world: World,
  now: number,
): MemberDoubt | null {
  const since = world.lastEffectAt.get(member) ?? 0;
  const words = freshReadings(service, timing, world, now)
    .filter(([asked, facts]) => asked !== member && facts.observedAt >= since)
    .map(([asked, facts]) =>
      doubtOf(
        asked,
        facts.members.find((each) => each.name === member),
      ),
    );
  if (words.length === 0)
    return { because: 'group-unknown', detail: `no other member of ${service} has spoken of it since our last step` };
  return words.find((word) => word !== null) ?? null;
}

function doubtOf(asked: HostId, member: QuorumMemberFacts | undefined): MemberDoubt | null {
  if (member === undefined) return { because: 'group-unhealthy', detail: `${asked} does not know it as a member` };
  if (!member.voter) return { because: 'group-unhealthy', detail: `${asked} calls it no voter` };
  if (!member.healthy) return { because: 'group-unhealthy', detail: `${asked} says: ${member.detail}` };
  if (member.lag === null) return { because: 'group-lagging', detail: `${asked} cannot tell how far it is behind` };
  if (member.lag > lagMax)
    return { because: 'group-lagging', detail: `${asked} sees it ${member.lag} entries behind, ${lagMax} at most` };
  return null;
}

/** Voters that no host of the fleet is known for and that some member doubts: they count as out, whoever they are. */
export function strangersOut(
  service: string,
  known: readonly HostId[],
  timing: Timing,
  world: World,
  now: number,
): number {
  const counts = freshReadings(service, timing, world, now).map(
    ([asked, { members }]) =>
      members.filter((each) => each.voter && doubtOf(asked, each) !== null && !known.includes(each.name)).length,
  );
  return Math.max(0, ...counts);
}
