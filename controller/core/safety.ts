import type { Fleet, HostId } from './fleet.ts';
import type { Group } from './plan.ts';
import { quorumView, strangersOut, votersKept } from './quorum.ts';
import type { NotServing, Reason } from './reason.ts';
import { unproven } from './serving.ts';
import type { Timing } from './timing.ts';
import type { World } from './world.ts';

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
    const live = liveGroup(group, rules, world, now);
    const refusal = 'code' in live ? live : groupRefusal(live, touched, rules, world, now);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** A quorum group has the budget of its live membership, whatever was declared; unknown, it has none. */
function liveGroup(group: Group, { fleet, timing }: SafetyRules, world: World, now: number): Group | Reason {
  const quorum = fleet.services.find((service) => service.name === group.name)?.quorum ?? null;
  if (quorum === null) return group;
  const view = quorumView(group.name, timing, world, now);
  if (view === null)
    return { code: 'quorum-unknown', group: group.name, detail: 'none of its members has answered of late' };
  if (view.voters <= 2) return { code: 'quorum-too-small', group: group.name, voters: view.voters };
  const strangers = strangersOut(group.name, Object.keys(group.members), timing, world, now);
  return { ...group, size: group.size + strangers, maxOut: view.voters - votersKept(view.voters) };
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

const unheard: ReadonlySet<NotServing['because']> = new Set(['no-report', 'pool-unknown', 'group-unknown']);

/** Does a refusal rest on nothing but what nobody has said yet? */
export function isUnheard(refusal: Reason): boolean {
  if (refusal.code === 'quorum-unknown') return true;
  if (refusal.code !== 'members-missing' || refusal.missing > 0) return false;
  return refusal.notServing.every(({ because }) => because === 'slot' || unheard.has(because));
}
