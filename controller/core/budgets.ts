import type { GroupIndex } from './group-index.ts';

/** No group refuses. */
export const noGroup = -1;

/** How a member counts in its group. */
const serves = 0;
const isOut = 1;
/** It counts neither way: a member without a vote in a group of voters. */
const isExempt = 2;

/**
 * Who is out in each group, counted while hosts come and go: the arithmetic of `mayTakeOut`, shared by safety, planner and dispatcher.
 * Hosts, groups and memberships are numbers of a GroupIndex; a host that it does not know (-1) is in no group.
 *
 * A group allows a set of hosts when |out ∪ set| <= maxOut and, with `oneAtATime`, all of these lie in one domain.
 */
export class Budgets {
  readonly index: GroupIndex;
  readonly #maxOut: Int32Array;
  readonly #out: Int32Array;
  /** By membership. */
  readonly #states: Uint8Array;
  readonly #outInDomain: Int32Array;
  readonly #domainsOut: Int32Array;
  readonly #byDomain: Uint8Array;

  /** Everybody serves, and what is declared and does not exist counts as out. */
  constructor(index: GroupIndex) {
    this.index = index;
    this.#maxOut = Int32Array.from(index.groups, (group) => group.maxOut);
    this.#out = Int32Array.from(index.missing);
    this.#states = new Uint8Array(index.groupOf.length);
    this.#outInDomain = new Int32Array(index.domainCount);
    this.#domainsOut = new Int32Array(index.groups.length);
    this.#byDomain = Uint8Array.from(index.groups, (group) => (group.oneAtATime === null ? 0 : 1));
  }

  /** How many more a group allows, as far as numbers go. */
  roomIn(group: number): number {
    return (this.#maxOut[group] ?? 0) - (this.#out[group] ?? 0);
  }

  isFull(group: number): boolean {
    return this.roomIn(group) <= 0;
  }

  maxOutOf(group: number): number {
    return this.#maxOut[group] ?? 0;
  }

  /** Before anybody of the group is taken: what a look at it has shown, in place of what the plan declares. */
  declare(group: number, maxOut: number, missing: number): void {
    this.#maxOut[group] = maxOut;
    this.#out[group] = missing;
  }

  /** The first group that refuses this host besides what is out; `noGroup`: it may go. */
  refusedBy(host: number): number {
    const { starts, groupOf, domainOf } = this.index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const state = this.#states[entry];
      if (state === isExempt) continue;
      const group = groupOf[entry] ?? 0;
      if ((this.#out[group] ?? 0) + (state === isOut ? 0 : 1) > (this.#maxOut[group] ?? 0)) return group;
      if (this.#byDomain[group] === 0) continue;
      const more = this.#outInDomain[domainOf[entry] ?? 0] === 0 ? 1 : 0;
      if ((this.#domainsOut[group] ?? 0) + more > 1) return group;
    }
    return noGroup;
  }

  /** Does the domain rule of a group let one more of this domain go? */
  opens(group: number, domain: number): boolean {
    return this.#byDomain[group] === 0 || this.#domainsOut[group] === 0 || (this.#outInDomain[domain] ?? 0) > 0;
  }

  /** Counts a host as out in each of its groups. */
  take(host: number): void {
    const end = this.index.starts[host + 1] ?? 0;
    for (let entry = this.index.starts[host] ?? 0; entry < end; entry += 1) this.#setOut(entry);
  }

  /** Counts a host as out in one of its groups. */
  takeIn(host: number, group: number): void {
    const entry = this.#entryOf(host, group);
    if (entry !== undefined) this.#setOut(entry);
  }

  /** Counts a host neither as out nor as serving in one of its groups, whatever becomes of it. */
  exempt(host: number, group: number): void {
    const entry = this.#entryOf(host, group);
    if (entry !== undefined) this.#states[entry] = isExempt;
  }

  /** It serves again in each of its groups. */
  giveBack(host: number): void {
    const end = this.index.starts[host + 1] ?? 0;
    for (let entry = this.index.starts[host] ?? 0; entry < end; entry += 1) this.#setServing(entry);
  }

  #entryOf(host: number, group: number): number | undefined {
    const end = this.index.starts[host + 1] ?? 0;
    for (let entry = this.index.starts[host] ?? end; entry < end; entry += 1)
      if (this.index.groupOf[entry] === group) return entry;
    return undefined;
  }

  #setOut(entry: number): void {
    if (this.#states[entry] !== serves) return;
    this.#states[entry] = isOut;
    this.#count(entry, 1);
    if (this.#outInDomain[this.index.domainOf[entry] ?? 0] === 1) this.#countDomain(entry, 1);
  }

  #setServing(entry: number): void {
    if (this.#states[entry] !== isOut) return;
    this.#states[entry] = serves;
    this.#count(entry, -1);
    if (this.#outInDomain[this.index.domainOf[entry] ?? 0] === 0) this.#countDomain(entry, -1);
  }

  #count(entry: number, change: number): void {
    const group = this.index.groupOf[entry] ?? 0;
    const domain = this.index.domainOf[entry] ?? 0;
    this.#out[group] = (this.#out[group] ?? 0) + change;
    this.#outInDomain[domain] = (this.#outInDomain[domain] ?? 0) + change;
  }

  #countDomain(entry: number, change: number): void {
    const group = this.index.groupOf[entry] ?? 0;
    this.#domainsOut[group] = (this.#domainsOut[group] ?? 0) + change;
  }
}
