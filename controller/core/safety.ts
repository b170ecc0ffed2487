import type { Fleet, HostId, Service } from './fleet.ts';
import type { Group } from './plan.ts';
import type { NotServing, Reason } from './reason.ts';
import type { Timing } from './timing.ts';
import { poolKey, type World } from './world.ts';

/** What safety is judged by: the declared fleet, the groups, and the waits that say when a fact is stale. */
export interface SafetyRules {
  readonly fleet: Fleet;
  readonly groups: readonly Group[];
  readonly timing: Timing;
}

/**
 * May all of `candidates` be out together with what is out already? Null: yes. Otherwise the first rule that says no.
 *
 * For each group g that the set S touches: |notServing(g) ∪ (S ∩ g)| <= maxOut(g), where a declared member that does not exist
 * counts as not serving; and with `oneAtATime` all of these lie in one domain. A missing fact means not serving.
 */
export function mayTakeOut(
  candidates: readonly HostId[],
  rules: SafetyRules,
  world: World,
  now: number,
): Reason | null {
  const carried = carriedObligations(candidates, world);
  if (carried.length > 0) return { code: 'carries-obligation', forHosts: carried };
  const conflict = balancerConflict(candidates, rules, world);
  if (conflict !== null) return conflict;
  for (const group of rules.groups) {
    const touched = candidates.filter((host) => host in group.members);
    if (touched.length === 0) continue;
    const refusal = groupRefusal(group, touched, rules, world, now);
    if (refusal !== null) return refusal;
  }
  return null;
}

function carriedObligations(candidates: readonly HostId[], world: World): readonly HostId[] {
  return world.obligations.filter((each) => candidates.includes(each.balancer)).map((each) => each.host);
}

/** A host and its balancer are never out together: neither could be drained or put back. */
function balancerConflict(candidates: readonly HostId[], rules: SafetyRules, world: World): Reason | null {
  const out = new Set([...world.slots.map((slot) => slot.host), ...candidates]);
  for (const service of rules.fleet.services) {
    const members = Object.keys(rules.groups.find((group) => group.name === service.name)?.members ?? {});
    for (const balancer of service.pool?.balancers.filter((each) => out.has(each)) ?? []) {
      const moved = candidates.includes(balancer);
      const pair = members.filter((host) => out.has(host) && (moved || candidates.includes(host)));
      if (pair.length > 0)
        return moved ? { code: 'carries-obligation', forHosts: pair } : { code: 'balancer-out', balancer };
    }
  }
  return null;
}

function groupRefusal(
  group: Group,
  touched: readonly HostId[],
  rules: SafetyRules,
  world: World,
  now: number,
): Reason | null {
  const notServing = Object.keys(group.members)
    .map((host) => notServingIn(host, group.name, rules, world, now))
    .filter((each) => each !== null);
  const missing = Math.max(0, group.size - Object.keys(group.members).length);
  const out = new Set([...notServing.map((each) => each.host), ...touched]);
  if (out.size + missing > group.maxOut) return budgetReason(group, notServing, touched, missing);
  return domainReason(group, notServing, touched);
}

/** The budget is spent by slots, or it is gone because members do not serve: two different things to tell a person. */
function budgetReason(
  group: Group,
  notServing: readonly NotServing[],
  touched: readonly HostId[],
  missing: number,
): Reason {
  const others = notServing.filter((each) => !touched.includes(each.host));
  const unplanned = others.filter((each) => each.because !== 'slot');
  if (unplanned.length === 0 && missing === 0) {
    const slots = others.map((each) => each.host);
    return {
      code: 'budget-spent',
      group: group.name,
      maxOut: group.maxOut,
      out: slots.length > 0 ? slots : touched.slice(0, -1),
    };
  }
  return { code: 'members-missing', group: group.name, maxOut: group.maxOut, notServing: others, missing };
}

function domainReason(group: Group, notServing: readonly NotServing[], touched: readonly HostId[]): Reason | null {
  if (group.oneAtATime === null || new Set(Object.values(group.members)).size < 2) return null;
  const last = touched.at(-1);
  if (last === undefined) return null;
  const domain = group.members[last] ?? '';
  const others = [...notServing.map((each) => each.host), ...touched].filter((host) => group.members[host] !== domain);
  if (others.length === 0) return null;
  const outDomains = [...new Set(others.map((host) => group.members[host] ?? ''))];
  return {
    code: 'other-domain-out',
    group: group.name,
    level: group.oneAtATime,
    domain,
    out: [...new Set(others)],
    outDomains,
  };
}

/** Why a host does not count as serving in a group; null when it serves. A slot counts first, then the facts. */
export function notServingIn(
  host: HostId,
  group: string,
  rules: SafetyRules,
  world: World,
  now: number,
): NotServing | null {
  const slot = world.slots.find((each) => each.host === host);
  if (slot !== undefined) return { host, because: 'slot', detail: slot.rollout };
  const service = rules.fleet.services.find((each) => each.name === group);
  return unproven(host, service, rules.timing, world, now);
}

/** Why the facts do not prove that a host serves, whether or not it holds a slot; null when they do. */
export function unproven(
  host: HostId,
  service: Service | undefined,
  timing: Timing,
  world: World,
  now: number,
): NotServing | null {
  return reportUnproven(host, timing, world, now) ?? poolUnproven(host, service, timing, world, now);
}

function reportUnproven(host: HostId, timing: Timing, world: World, now: number): NotServing | null {
  const facts = world.hosts.get(host);
  if (facts === undefined)
    return { host, because: 'no-report', detail: 'its agent has not reported since the controller started' };
  // Either way: a clock that was set back must not keep old facts fresh until it has caught up.
  if (Math.abs(now - facts.observedAt) > timing.reportStaleMs)
    return { host, because: 'report-stale', detail: `last report ${seconds(now - facts.observedAt)} ago` };
  if (facts.observedAt < (world.lastEffectAt.get(host) ?? 0))
    return { host, because: 'report-void', detail: 'no report since our last step on it' };
  const bootId = world.bootIds.get(host);
  if (bootId !== undefined && bootId !== facts.bootId)
    return { host, because: 'other-boot', detail: 'its report is from another boot' };
  const last = facts.beats.at(-1);
  if (last?.passed !== true) return { host, because: 'check-failed', detail: last?.detail ?? 'no check result' };
  return null;
}

function poolUnproven(
  host: HostId,
  service: Service | undefined,
  timing: Timing,
  world: World,
  now: number,
): NotServing | null {
  const pool = service?.pool ?? null;
  if (pool === null) return null;
  for (const balancer of pool.balancers) {
    const facts = world.pools.get(poolKey(balancer, pool.backend));
    const server = facts?.servers.get(host);
    if (facts === undefined || server === undefined)
      return { host, because: 'pool-unknown', detail: `${balancer} does not show it` };
    if (Math.abs(now - facts.observedAt) > timing.poolStaleMs)
      return { host, because: 'pool-stale', detail: `${balancer} was read ${seconds(now - facts.observedAt)} ago` };
    if (facts.observedAt < (world.lastEffectAt.get(host) ?? 0))
      return { host, because: 'pool-stale', detail: `${balancer} was not read since our last step` };
    if (!server.up || server.admin !== 'ready' || server.weightPercent < 100) {
      return {
        host,
        because: 'pool-down',
        detail: `${balancer} shows it ${server.admin}, ${server.up ? 'up' : 'down'}, weight ${server.weightPercent} %`,
      };
    }
  }
  return null;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
