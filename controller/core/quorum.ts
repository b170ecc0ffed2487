import type { HostId, Quorum } from './fleet.ts';
import type { Timing } from './timing.ts';
import type { QuorumFacts, QuorumMemberFacts, World } from './world.ts';

/** Healthy voters to keep beyond the majority where the group is large enough: one may still fail by itself meanwhile. */
export const defaultSpare = 1;
/** A member further behind than this does not follow (log entries): etcd keeps at most so many messages in flight to a follower. */
const lagMax = 512;

/** How many of `voters` make a majority. */
export function majorityOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * How many healthy voters have to stay while hosts of the group are out. A group of two has none to spare at all; a `spare` by
 * domain is judged by where they stand (`domainWithoutMajority`), and here only the majority counts.
 */
export function votersKept(voters: number, spare: Quorum['spare']): number {
  const majority = majorityOf(voters);
  return Math.max(majority, Math.min(majority + (typeof spare === 'number' ? spare : 0), voters - 1));
}

/** A quorum group as all its members together show it. */
export interface QuorumView {
  /** As many as any of them counts. */
  readonly voters: number;
  /** Null: none, or they do not agree. */
  readonly leader: HostId | null;
  /** Members that everybody calls no voter: to be without them costs no vote. */
  readonly nonVoters: ReadonlySet<HostId>;
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
    nonVoters: nonVotersOf(readings),
  };
}

/** Voters that the best informed member calls healthy; one that is cut off sees none but itself. */
export function healthyVoters(service: string, timing: Timing, world: World, now: number): number {
  const counts = freshReadings(service, timing, world, now).map(
    ([, { members }]) => members.filter((each) => each.voter && each.healthy).length,
  );
  return Math.max(0, ...counts);
}

/** One word that a member votes is enough to count it as a voter. */
function nonVotersOf(readings: readonly QuorumFacts[]): ReadonlySet<HostId> {
  const members = readings.flatMap((facts) => facts.members);
  const voters = new Set(members.filter((each) => each.voter).map((each) => each.name));
  return new Set(members.map((each) => each.name).filter((name) => name !== '' && !voters.has(name)));
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
  const readings = freshReadings(service, timing, world, now);
  const votes = !nonVotersOf(readings.map(([, facts]) => facts)).has(member);
  const words = readings
    .filter(([asked, facts]) => asked !== member && facts.observedAt >= since)
    .map(([asked, facts]) =>
      doubtOf(
        asked,
        facts.members.find((each) => each.name === member),
        votes,
      ),
    );
  if (words.length === 0)
    return { because: 'group-unknown', detail: `no other member of ${service} has spoken of it since our last step` };
  return words.find((word) => word !== null) ?? null;
}

/** `votes`: somebody counts it as a voter, so nobody may call it something else. */
function doubtOf(asked: HostId, member: QuorumMemberFacts | undefined, votes: boolean): MemberDoubt | null {
  if (member === undefined) return { because: 'group-unhealthy', detail: `${asked} does not know it as a member` };
  if (votes && !member.voter) return { because: 'group-unhealthy', detail: `${asked} calls it no voter` };
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
  const readings = freshReadings(service, timing, world, now);
  const voters = readings.flatMap(([, { members }]) => members.filter((each) => each.voter).map((each) => each.name));
  const named = [...new Set(voters)].filter((name) => name !== '' && !known.includes(name));
  const doubted = named.filter((name) =>
    readings.some(
      ([asked, { members }]) =>
        doubtOf(
          asked,
          members.find((each) => each.name === name),
          true,
        ) !== null,
    ),
  );
  // Those that have never started have no name to tell them by: their number has to do.
  const unnamed = readings.map(
    ([asked, { members }]) =>
      members.filter((each) => each.name === '' && each.voter && doubtOf(asked, each, true) !== null).length,
  );
  return doubted.length + Math.max(0, ...unnamed);
}

/** The first domain without which the voters that are not out are no majority; null: the group outlives the loss of any one. */
export function domainWithoutMajority(
  domains: Readonly<Record<HostId, string>>,
  out: ReadonlySet<HostId>,
  { voters, nonVoters }: QuorumView,
): string | null {
  const healthy = Object.keys(domains).filter((host) => !out.has(host) && !nonVoters.has(host));
  for (const domain of new Set(Object.values(domains)))
    if (healthy.filter((host) => domains[host] !== domain).length < majorityOf(voters)) return domain;
  return null;
}
