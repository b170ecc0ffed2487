import { Budgets, noGroup } from '../budgets.ts';
import type { GroupIndex } from '../group-index.ts';
import type { DispatchRule } from '../plan.ts';
import { Burden } from './burden.ts';
import { KeyedHeap } from './keyed-heap.ts';
import { nobody, ParkedHosts } from './parked-hosts.ts';
import { Sequence, type ServiceOrder } from './sequence.ts';

/** By burden the hosts are ranked anew this often during a dispatch: more often costs more than it wins. */
const rankingsPerDispatch = 16;
const takenBetweenRankingsMin = 64;
/** Small against any burden that makes a difference. */
const tieBreak = 1e-12;
const noQueue = -1;

/** What a dispatch is played with. */
export interface DispatchOptions {
  readonly index: GroupIndex;
  readonly order: ServiceOrder;
  readonly rule: DispatchRule;
  /** Expected ms by host number. */
  readonly expected: Float64Array;
}

/**
 * Dispatch without looking at everybody again and again: each host that waits is parked in one of its groups, in its domain, and groups
 * with room are asked for their most urgent host, by its rank. A host that another group refuses is parked there. Work-conserving:
 * after each call nobody is left that could go, and whoever goes is whom a walk over all hosts by rank would have taken.
 * The same arithmetic as `mayTakeOut` where everything that is not out serves.
 */
export class Dispatcher {
  readonly #index: GroupIndex;
  readonly #budgets: Budgets;
  readonly #sequence: Sequence;
  readonly #burden: Burden | null;
  /** By host: the lowest goes first. */
  readonly #rank: Float64Array;
  readonly #waiting: Uint8Array;
  readonly #hosts: Int32Array;
  /** By domain of a group: who waits there. */
  readonly #parked: ParkedHosts;
  /** Groups that may have room for somebody who is parked in them, by the rank of the most urgent, or a lower one. */
  readonly #open: KeyedHeap;
  /** By group: hosts that come after something that has not ended. */
  readonly #later = new Map<number, number[]>();
  /** Groups that every host is a member of: while one of them is full nobody needs to be asked. */
  readonly #ofAll: readonly number[];
  #takenSinceRanking = 0;
  /** How often a host was asked for. */
  tries = 0;

  /** `hosts` in priority as it is at the beginning. */
  constructor(hosts: Int32Array, { index, order, rule, expected }: DispatchOptions) {
    this.#index = index;
    this.#hosts = hosts;
    this.#budgets = new Budgets(index);
    this.#sequence = new Sequence(order, index, hosts);
    this.#burden = rule === 'burden' ? new Burden(hosts, index, order, expected) : null;
    this.#rank = new Float64Array(index.hostIds.length);
    this.#waiting = new Uint8Array(index.hostIds.length);
    for (let place = 0; place < hosts.length; place += 1) this.#waiting[hosts[place] ?? 0] = 1;
    this.#ofAll = groupsOfAll(hosts, index);
    this.#parked = new ParkedHosts(index.domainCount, this.#rank);
    this.#open = new KeyedHeap(index.groups.length);
    this.#rankAll();
  }

  /** Offers everybody; appends those that go now to `taken`. */
  begin(taken: number[]): void {
    this.#offer(this.#hosts, taken);
    this.#serve(taken);
  }

  /** A host is back: whoever its budgets kept waiting may go instead. */
  ended(host: number, taken: number[]): void {
    this.#rankAnew();
    this.#budgets.giveBack(host);
    const { starts, groupOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) this.#opens(groupOf[entry] ?? 0);
    for (const group of this.#sequence.ended(host)) {
      const waiting = this.#later.get(group) ?? [];
      this.#later.delete(group);
      this.#offer(waiting, taken);
    }
    this.#serve(taken);
  }

  #offer(hosts: ArrayLike<number>, taken: number[]): void {
    for (let place = 0; place < hosts.length; place += 1) {
      const host = hosts[place] ?? 0;
      const group = this.#sequence.waitsIn(host);
      if (group === undefined) this.#parkAtHome(host, taken);
      else this.#postpone(host, group);
    }
  }

  /** It waits with the group that comes after something else. */
  #postpone(host: number, group: number): void {
    const waiting = this.#later.get(group);
    if (waiting === undefined) this.#later.set(group, [host]);
    else waiting.push(host);
  }

  /** In its first group; a host in no group goes. */
  #parkAtHome(host: number, taken: number[]): void {
    const { starts, groupOf, domainOf } = this.#index;
    const entry = starts[host] ?? 0;
    if (entry === starts[host + 1]) {
      this.#try(host, taken);
      return;
    }
    this.#parked.push(host, domainOf[entry] ?? 0);
    this.#opens(groupOf[entry] ?? 0);
  }

  /** Takes the host, or parks it with the group that refuses it. */
  #try(host: number, taken: number[]): void {
    this.tries += 1;
    const group = this.#budgets.refusedBy(host);
    if (group !== noGroup) {
      this.#parked.push(host, this.#domainIn(host, group));
      return;
    }
    this.#budgets.take(host);
    this.#burden?.begun(host);
    this.#waiting[host] = 0;
    this.#takenSinceRanking += 1;
    taken.push(host);
  }

  #domainIn(host: number, group: number): number {
    const { starts, groupOf, domainOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1)
      if (groupOf[entry] === group) return domainOf[entry] ?? 0;
    return 0;
  }

  /** A group may have room for somebody who is parked in it. */
  #opens(group: number): void {
    const queue = this.#nextQueue(group);
    if (queue === noQueue) return;
    const rank = this.#firstRank(queue);
    if (!this.#open.has(group) || rank < this.#open.keyOf(group)) this.#open.set(group, rank);
  }

  /** Lets the most urgent hosts of groups with room try, while all of everybody's budgets have some. */
  #serve(taken: number[]): void {
    while (this.#open.first !== KeyedHeap.none && !this.#everybodyWaits()) {
      const group = this.#open.first;
      const queue = this.#nextQueue(group);
      if (queue === noQueue) this.#open.pop();
      else if (this.#firstRank(queue) > this.#open.keyOf(group)) this.#open.set(group, this.#firstRank(queue));
      else this.#try(this.#parked.pop(queue), taken);
    }
  }

  /** Is a budget over all hosts spent? */
  #everybodyWaits(): boolean {
    for (const group of this.#ofAll) if (this.#budgets.isFull(group)) return true;
    return false;
  }

  #firstRank(queue: number): number {
    return this.#rank[this.#parked.first(queue)] ?? 0;
  }

  /** The queue of a group with the most urgent host, among the domains that its rule lets go; `noQueue` where it has no room. */
  #nextQueue(group: number): number {
    if (this.#budgets.isFull(group)) return noQueue;
    const { domainStarts } = this.#index;
    const end = domainStarts[group + 1] ?? 0;
    let best = noQueue;
    for (let domain = domainStarts[group] ?? 0; domain < end; domain += 1) {
      if (this.#parked.first(domain) === nobody || !this.#budgets.opens(group, domain)) continue;
      if (best === noQueue || this.#firstRank(domain) < this.#firstRank(best)) best = domain;
    }
    return best;
  }

  #rankAnew(): void {
    if (this.#burden === null) return;
    const enough = Math.max(takenBetweenRankingsMin, this.#hosts.length / rankingsPerDispatch);
    if (this.#takenSinceRanking < enough) return;
    this.#takenSinceRanking = 0;
    this.#rankAll();
    this.#parked.rebuild(this.#hosts);
    while (this.#open.first !== KeyedHeap.none) this.#open.pop();
    for (let group = 0; group < this.#index.groups.length; group += 1) this.#opens(group);
  }

  #rankAll(): void {
    this.#burden?.measure();
    for (let place = 0; place < this.#hosts.length; place += 1) {
      const host = this.#hosts[place] ?? 0;
      if (this.#waiting[host] === 1) this.#rank[host] = place * tieBreak - (this.#burden?.of(host) ?? 0);
    }
  }
}

/** The groups that every one of these hosts is a member of. */
function groupsOfAll(hosts: Int32Array, { starts, groupOf, groups }: GroupIndex): readonly number[] {
  const members = new Int32Array(groups.length);
  for (let place = 0; place < hosts.length; place += 1) {
    const host = hosts[place] ?? 0;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const group = groupOf[entry] ?? 0;
      members[group] = (members[group] ?? 0) + 1;
    }
  }
  return [...members.keys()].filter((group) => members[group] === hosts.length);
}
