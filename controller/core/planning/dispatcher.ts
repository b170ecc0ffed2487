import { Budgets, noGroup } from '../budgets.ts';
import type { GroupIndex } from '../group-index.ts';
import type { DispatchRule } from '../plan.ts';
import { Burden } from './burden.ts';
import { RankHeap } from './rank-heap.ts';
import { Sequence, type ServiceOrder } from './sequence.ts';

/** By burden the hosts are ranked anew this often during a dispatch: more often costs more than it wins. */
const rankingsPerDispatch = 12;
const takenBetweenRankingsMin = 64;
/** Small against any burden that makes a difference. */
const tieBreak = 1e-12;

/** What a dispatch is played with. */
export interface DispatchOptions {
  readonly index: GroupIndex;
  readonly order: ServiceOrder;
  readonly rule: DispatchRule;
  /** Expected ms by host number. */
  readonly expected: Float64Array;
}

/**
 * Dispatch without looking at everybody again and again: each host that may not go is parked on the budget that refused it, in its
 * domain, and woken, by rank, when that budget has room. Work-conserving: after each call nobody is left that could go.
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
  readonly #parked: readonly RankHeap[];
  /** By group: hosts that come after something that has not ended. */
  readonly #later = new Map<number, number[]>();
  readonly #toWake: number[] = [];
  /** By group: 1 where every host is a member. */
  readonly #hasAll: Uint8Array;
  #takenSinceRanking = 0;
  /** How often a host was asked for, parked or not. */
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
    for (const host of hosts) this.#waiting[host] = 1;
    this.#hasAll = groupsOfAll(hosts, index);
    this.#parked = Array.from({ length: index.domainCount }, () => new RankHeap(this.#rank));
    this.#rankAll();
  }

  /** Offers everybody, in the order given; appends those that go now to `taken`. */
  begin(taken: number[]): void {
    this.#offer(this.#hosts, taken);
  }

  /** A host is back: whoever its budgets kept waiting may go instead. */
  ended(host: number, taken: number[]): void {
    this.#rankAnew();
    this.#budgets.giveBack(host);
    this.#wakeGroupsOf(host, noGroup);
    this.#wakeAll(taken);
    const opened = this.#sequence.ended(host);
    for (const group of opened) {
      const waiting = this.#later.get(group) ?? [];
      this.#later.delete(group);
      this.#offer(waiting, taken);
    }
  }

  #offer(hosts: Iterable<number>, taken: number[]): void {
    for (const host of hosts) {
      const group = this.#sequence.waitsIn(host);
      if (group === undefined) this.#try(host, taken);
      else this.#postpone(host, group);
    }
  }

  /** It waits with the group that comes after something else. */
  #postpone(host: number, group: number): void {
    const waiting = this.#later.get(group);
    if (waiting === undefined) this.#later.set(group, [host]);
    else waiting.push(host);
  }

  /** Takes the host, or parks it; returns the group that refuses it. */
  #try(host: number, taken: number[]): number {
    this.tries += 1;
    const group = this.#budgets.refusedBy(host);
    if (group === noGroup) {
      this.#budgets.take(host);
      this.#burden?.begun(host);
      this.#waiting[host] = 0;
      this.#takenSinceRanking += 1;
      taken.push(host);
    } else {
      this.#parked[this.#domainIn(host, group)]?.push(host);
    }
    return group;
  }

  #domainIn(host: number, group: number): number {
    const { starts, groupOf, domainOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1)
      if (groupOf[entry] === group) return domainOf[entry] ?? 0;
    return 0;
  }

  /** Groups of this host that have room are to be woken, but for one. */
  #wakeGroupsOf(host: number, but: number): void {
    const { starts, groupOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const group = groupOf[entry] ?? 0;
      if (group !== but && !this.#budgets.isFull(group)) this.#toWake.push(group);
    }
  }

  #wakeAll(taken: number[]): void {
    for (let group = this.#toWake.pop(); group !== undefined; group = this.#toWake.pop()) this.#wake(group, taken);
  }

  /**
   * Lets parked hosts try again while their group has room. Where the budget over everybody is spent, no more of them move to its queue
   * than the group has room for, since all the others would be refused there too; whoever leaves a queue lets the next one of each of
   * its groups try in its place.
   */
  #wake(group: number, taken: number[]): void {
    let movedToAll = 0;
    while (this.#budgets.roomIn(group) > movedToAll) {
      const host = this.#nextParked(group)?.pop();
      if (host === undefined) return;
      const refusedBy = this.#try(host, taken);
      if (refusedBy !== noGroup && this.#hasAll[refusedBy] === 1) movedToAll += 1;
      this.#wakeGroupsOf(host, group);
    }
  }

  /** Those of a domain that is out already, or of the one with the most urgent host where none is. */
  #nextParked(group: number): RankHeap | undefined {
    const { domainStarts } = this.#index;
    const end = domainStarts[group + 1] ?? 0;
    let best: RankHeap | undefined;
    for (let domain = domainStarts[group] ?? 0; domain < end; domain += 1) {
      const heap = this.#parked[domain];
      if (heap === undefined || heap.first === undefined || !this.#budgets.opens(group, domain)) continue;
      if (best?.first === undefined || (this.#rank[heap.first] ?? 0) < (this.#rank[best.first] ?? 0)) best = heap;
    }
    return best;
  }

  #rankAnew(): void {
    if (this.#burden === null) return;
    const enough = Math.max(takenBetweenRankingsMin, this.#hosts.length / rankingsPerDispatch);
    if (this.#takenSinceRanking < enough) return;
    this.#takenSinceRanking = 0;
    this.#rankAll();
    for (const heap of this.#parked) heap.rebuild();
  }

  #rankAll(): void {
    this.#burden?.measure();
    for (let place = 0; place < this.#hosts.length; place += 1) {
      const host = this.#hosts[place] ?? 0;
      if (this.#waiting[host] === 1) this.#rank[host] = place * tieBreak - (this.#burden?.of(host) ?? 0);
    }
  }
}

/** 1 for each group that every one of these hosts is a member of. */
function groupsOfAll(hosts: Int32Array, { starts, groupOf, groups }: GroupIndex): Uint8Array {
  const members = new Int32Array(groups.length);
  for (const host of hosts)
    for (const group of groupOf.subarray(starts[host], starts[host + 1])) members[group] = (members[group] ?? 0) + 1;
  return Uint8Array.from(members, (count) => (count === hosts.length ? 1 : 0));
}
