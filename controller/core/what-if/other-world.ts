import type { HostId, Service } from '../fleet.ts';
import type { LimitedHost } from '../limits.ts';
import type { SafetyRules } from '../standing.ts';
import { type HostFacts, type PoolFacts, poolKey, type QuorumFacts, type World } from '../world.ts';

/** A snapshot in which nothing is unknown only because nobody has looked. */
export interface AssumedWorld {
  readonly world: World;
  /** What is assumed to be as it should be, in words. */
  readonly assumed: readonly string[];
}

/**
 * Balancers, quorum groups and checks of the controller's own are looked at only while a rollout is open. Where nobody has looked of
 * late they are assumed to be as the fleet file declares them; what is known, and what agents say all the time, counts as it is.
 */
export function assumeUnread(world: World, rules: SafetyRules, now: number): AssumedWorld {
  const unread = rules.fleet.services.map((service) => readingsOf(service, rules, world, now));
  const hosts = new Map(world.hosts);
  for (const host of unread.flatMap((each) => each.unchecked)) {
    const facts = hosts.get(host);
    if (facts !== undefined) hosts.set(host, checkedNow(facts, now));
  }
  return {
    world: {
      ...world,
      hosts,
      pools: new Map([...world.pools, ...unread.flatMap((each) => each.pools)]),
      quorums: new Map([...world.quorums, ...unread.flatMap((each) => each.quorums)]),
    },
    assumed: unread.flatMap((each) => each.assumed),
  };
}

/** What has to be assumed of one service. */
interface Unread {
  readonly pools: readonly (readonly [string, PoolFacts])[];
  readonly quorums: readonly (readonly [string, ReadonlyMap<HostId, QuorumFacts>])[];
  readonly unchecked: readonly HostId[];
  readonly assumed: readonly string[];
}

function readingsOf(service: Service, { groups, timing }: SafetyRules, world: World, now: number): Unread {
  const { name, pool, quorum, checks } = service;
  const members = Object.keys(groups.find((group) => group.name === name)?.members ?? {});
  const isFresh = (at: number | undefined, staleMs: number): boolean =>
    at !== undefined && Math.abs(now - at) <= staleMs;
  const balancers = (pool?.balancers ?? []).filter(
    (each) => !isFresh(world.pools.get(poolKey(each, pool?.backend ?? ''))?.observedAt, timing.poolStaleMs),
  );
  const readings = [...(world.quorums.get(name)?.values() ?? [])];
  const isUnheard = quorum !== null && !readings.some((each) => isFresh(each.observedAt, timing.quorumStaleMs));
  const needsOwnCheck = pool === null && quorum === null && checks.length > 0;
  const unchecked = members.filter(
    (host) => needsOwnCheck && !isFresh(world.hosts.get(host)?.ownChecks.at(-1)?.at, timing.reportStaleMs),
  );
  return {
    pools: balancers.map((each) => [poolKey(each, pool?.backend ?? ''), goodPool(members, now)]),
    quorums: isUnheard ? [[name, goodGroup(members, now)]] : [],
    unchecked,
    assumed: [
      ...balancers.map((each) => `the pool of \`${name}\` on ${each}`),
      ...(isUnheard ? [`the members of \`${name}\``] : []),
      ...(unchecked.length > 0 ? [`the checks of \`${name}\` from outside`] : []),
    ],
  };
}

function goodPool(members: readonly HostId[], now: number): PoolFacts {
  const good = { admin: 'ready', up: true, weightPercent: 100, inFlight: 0 } as const;
  return { observedAt: now, servers: new Map(members.map((host) => [host, good])) };
}

function goodGroup(members: readonly HostId[], now: number): ReadonlyMap<HostId, QuorumFacts> {
  const good = { voter: true, healthy: true, lag: 0, detail: '' };
  const facts = { observedAt: now, members: members.map((name, index) => ({ ...good, name, leader: index === 0 })) };
  return new Map(members.map((host) => [host, facts]));
}

function checkedNow(facts: HostFacts, now: number): HostFacts {
  return { ...facts, ownChecks: [{ at: now, bootId: null, passed: true, detail: '' }] };
}

/** The same snapshot a moment after these hosts are gone: no agent of theirs reports, no balancer has them up, none answers for others. */
export function worldWithout(world: World, lost: ReadonlySet<HostId>): World {
  return {
    ...world,
    hosts: new Map([...world.hosts].filter(([host]) => !lost.has(host))),
    pools: new Map(
      [...world.pools]
        .filter(([key]) => !lost.has(key.slice(0, key.indexOf('/'))))
        .map(([key, facts]) => [key, poolWithout(facts, lost)]),
    ),
    quorums: new Map([...world.quorums].map(([service, words]) => [service, groupWithout(words, lost)])),
    limiterFacts: {
      ...world.limiterFacts,
      hosts: new Map([...world.limiterFacts.hosts].map(([host, facts]) => [host, silentIf(lost.has(host), facts)])),
    },
  };
}

function poolWithout({ observedAt, servers }: PoolFacts, lost: ReadonlySet<HostId>): PoolFacts {
  return {
    observedAt,
    servers: new Map([...servers].map(([host, server]) => [host, lost.has(host) ? { ...server, up: false } : server])),
  };
}

function groupWithout(
  words: ReadonlyMap<HostId, QuorumFacts>,
  lost: ReadonlySet<HostId>,
): ReadonlyMap<HostId, QuorumFacts> {
  return new Map(
    [...words]
      .filter(([asked]) => !lost.has(asked))
      .map(([asked, { observedAt, members }]) => [
        asked,
        {
          observedAt,
          members: members.map((member) =>
            lost.has(member.name) ? { ...member, healthy: false, leader: false, detail: 'it would be lost' } : member,
          ),
        },
      ]),
  );
}

function silentIf(isLost: boolean, facts: LimitedHost): LimitedHost {
  return isLost ? { ...facts, silent: true } : facts;
}
