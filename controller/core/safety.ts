import { Budgets, noGroup } from './budgets.ts';
import type { HostId } from './fleet.ts';
import { indexOf } from './group-index.ts';
import { domainWithoutMajority } from './quorum.ts';
import type { NotServing, Reason } from './reason.ts';
import { type SafetyRules, type Standing, standingOf } from './standing.ts';
import type { Slot, World } from './world.ts';

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
  const safety = new Safety(rules, world, now);
  for (const host of candidates) {
    const refusal = safety.refusal(host);
    if (refusal !== null) return refusal;
    safety.take(host);
  }
  return null;
}

/**
 * What may be taken out of one snapshot of the world, one host after the other. Every rule only ever forbids more when more is out, so
 * a set may go exactly when its hosts may go one by one, in any order. A group is looked at when the first of its hosts is asked for.
 */
export class Safety {
  readonly #rules: SafetyRules;
  readonly #world: World;
  readonly #now: number;
  readonly #budgets: Budgets;
  readonly #standings = new Map<number, Standing>();
  readonly #slots: ReadonlyMap<HostId, Slot>;
  readonly #taken = new Set<HostId>();
  /** By group: the balancers of its pool. By balancer: the groups that it serves. */
  readonly #balancersOf = new Map<number, readonly HostId[]>();
  readonly #servedBy = new Map<HostId, number[]>();

  constructor(rules: SafetyRules, world: World, now: number) {
    this.#rules = rules;
    this.#world = world;
    this.#now = now;
    this.#budgets = new Budgets(indexOf(rules.groups));
    this.#slots = new Map(world.slots.map((slot) => [slot.host, slot]));
    const numbers = new Map(rules.groups.map((group, number) => [group.name, number]));
    for (const { name, pool } of rules.fleet.services) {
      const group = numbers.get(name);
      if (pool === null || group === undefined) continue;
      this.#balancersOf.set(group, pool.balancers);
      for (const balancer of pool.balancers)
        this.#servedBy.set(balancer, [...(this.#servedBy.get(balancer) ?? []), group]);
    }
  }

  /** Why this host may not be out besides what is out and what was taken before; null: it may. */
  refusal(host: HostId): Reason | null {
    const carried = this.#carriedObligation(host) ?? this.#balancerConflict(host);
    const number = this.#budgets.index.numbers.get(host);
    if (carried !== null || number === undefined) return carried;
    const standings = this.#groupsOf(number).map((group) => this.#standing(group));
    const closed = standings.find((each) => each.closed !== null)?.closed ?? null;
    if (closed !== null) return closed;
    const refusedBy = this.#budgets.refusedBy(number);
    if (refusedBy !== noGroup) return refusalBy(this.#standing(refusedBy), host, this.#taken);
    return standings.reduce<Reason | null>((first, each) => first ?? quorumRefusal(each, host, this.#taken), null);
  }

  /** Counts a host as out from here on. */
  take(host: HostId): void {
    this.#taken.add(host);
    const number = this.#budgets.index.numbers.get(host);
    if (number === undefined) return;
    for (const group of this.#groupsOf(number)) this.#standing(group);
    this.#budgets.take(number);
  }

  #groupsOf(host: number): readonly number[] {
    const { starts, groupOf } = this.#budgets.index;
    return [...groupOf.subarray(starts[host], starts[host + 1])];
  }

  #standing(number: number): Standing {
    const found = this.#standings.get(number);
    if (found !== undefined) return found;
    const group = this.#rules.groups[number];
    if (group === undefined) throw new RangeError(`no group ${number}`);
    const standing = standingOf(group, this.#rules, this.#slots, this.#world, this.#now);
    this.#standings.set(number, standing);
    this.#count(number, standing);
    return standing;
  }

  #count(group: number, { maxOut, missing, notServing, quorum }: Standing): void {
    this.#budgets.declare(group, maxOut, missing);
    const { numbers } = this.#budgets.index;
    for (const host of quorum?.nonVoters ?? []) this.#budgets.exempt(numbers.get(host) ?? -1, group);
    for (const { host } of notServing) this.#budgets.takeIn(numbers.get(host) ?? -1, group);
  }

  #carriedObligation(host: HostId): Reason | null {
    const forHosts = this.#world.obligations.filter((each) => each.balancer === host).map((each) => each.host);
    return forHosts.length === 0 ? null : { code: 'carries-obligation', forHosts };
  }

  /** A host and its balancer are never out together: neither could be drained or put back. */
  #balancerConflict(host: HostId): Reason | null {
    for (const group of this.#servedBy.get(host) ?? []) {
      const members = this.#rules.groups[group]?.members ?? {};
      const forHosts = [...this.#slots.keys(), ...this.#taken, host].filter((each) => each in members);
      if (forHosts.length > 0) return { code: 'carries-obligation', forHosts };
    }
    const number = this.#budgets.index.numbers.get(host);
    for (const group of number === undefined ? [] : this.#groupsOf(number)) {
      const balancer = this.#balancersOf.get(group)?.find((each) => this.#slots.has(each) || this.#taken.has(each));
      if (balancer !== undefined) return { code: 'balancer-out', balancer };
    }
    return null;
  }
}

/** Who is out in a group besides this host: by slots, unplanned, or taken in thought just now. */
function outBesides({ group, notServing }: Standing, host: HostId, taken: ReadonlySet<HostId>): readonly NotServing[] {
  const known = new Set(notServing.map((each) => each.host));
  const more = [...taken].filter((each) => each in group.members && !known.has(each));
  return [
    ...notServing.filter((each) => each.host !== host),
    ...more.map((each): NotServing => ({ host: each, because: 'slot', detail: '' })),
  ];
}

/** The budget is spent by slots, or it is gone because members do not serve, or others lie elsewhere: different things to tell a person. */
function refusalBy(standing: Standing, host: HostId, taken: ReadonlySet<HostId>): Reason {
  const { group, maxOut, missing, quorum } = standing;
  const others = outBesides(standing, host, taken).filter((each) => quorum?.nonVoters.has(each.host) !== true);
  if (others.length + 1 + missing <= maxOut) return domainReason(standing, host, others);
  if (missing === 0 && others.every((each) => each.because === 'slot'))
    return { code: 'budget-spent', group: group.name, maxOut, out: others.map((each) => each.host) };
  return { code: 'members-missing', group: group.name, maxOut, notServing: others, missing };
}

function domainReason({ group }: Standing, host: HostId, others: readonly NotServing[]): Reason {
  const domain = group.members[host] ?? '';
  const elsewhere = others.filter((each) => group.members[each.host] !== domain);
  const out = elsewhere.map((each) => each.host);
  const outDomains = [...new Set(out.map((each) => group.members[each] ?? ''))];
  const notServing = elsewhere.filter((each) => each.because !== 'slot');
  const level = group.oneAtATime ?? '';
  return { code: 'other-domain-out', group: group.name, level, domain, out, outDomains, notServing };
}

/** What counting votes does not say: whether the group outlives the loss of a domain, and that its non-voters go one by one. */
function quorumRefusal(standing: Standing, host: HostId, taken: ReadonlySet<HostId>): Reason | null {
  const { group, quorum } = standing;
  if (quorum === null) return null;
  const others = outBesides(standing, host, taken).map((each) => each.host);
  if (quorum.nonVoters.has(host)) {
    const out = others.filter((each) => quorum.nonVoters.has(each));
    return out.length === 0 ? null : { code: 'budget-spent', group: group.name, maxOut: 1, out };
  }
  if (group.spareDomains === null) return null;
  const domain = domainWithoutMajority(group.spareDomains, new Set([...others, host]), quorum);
  return domain === null ? null : { code: 'spare-domain', group: group.name, domain, out: others };
}

const unheard: ReadonlySet<NotServing['because']> = new Set(['no-report', 'pool-unknown', 'group-unknown']);

/** Does a refusal rest on nothing but what nobody has said yet? */
export function isUnheard(refusal: Reason): boolean {
  if (refusal.code === 'quorum-unknown') return true;
  if (refusal.code !== 'members-missing' || refusal.missing > 0) return false;
  return refusal.notServing.every(({ because }) => because === 'slot' || unheard.has(because));
}
