import { Budgets, noGroup } from '../budgets.ts';
import type { GroupIndex } from '../group-index.ts';
import { RankHeap } from './rank-heap.ts';
import { Sequence, type ServiceOrder } from './sequence.ts';

/**
 * Dispatch without looking at everybody again and again: each host that may not go is parked on the budget that refused it, in its
 * domain, and woken, by rank, when that budget has room. Work-conserving: after each call nobody is left that could go.
 * The same arithmetic as `mayTakeOut` where everything that is not out serves.
 */
export class Dispatcher {
  readonly #index: GroupIndex;
  readonly #budgets: Budgets;
  readonly #sequence: Sequence;
  readonly #rank: Int32Array;
  /** By domain of a group: who waits there. */
  readonly #parked: readonly RankHeap[];
  /** By group: hosts that come after something that has not ended. */
  readonly #later = new Map<number, number[]>();
  /** How often a host was asked for, parked or not. */
  tries = 0;

  /** `hosts` in priority. */
  constructor(hosts: Int32Array, index: GroupIndex, order: ServiceOrder) {
    this.#index = index;
    this.#budgets = new Budgets(index);
    this.#sequence = new Sequence(order, index, hosts);
    this.#rank = new Int32Array(index.hostIds.length);
    for (const [rank, host] of hosts.entries()) this.#rank[host] = rank;
    this.#parked = Array.from({ length: index.domainCount }, () => new RankHeap(this.#rank));
  }

  /** Offers hosts for the first time, in priority; appends those that go now to `taken`. */
  offer(hosts: Iterable<number>, taken: number[]): void {
    for (const host of hosts) {
      const group = this.#sequence.waitsIn(host);
      if (group === undefined) this.#try(host, taken);
      else this.#postpone(host, group);
    }
  }

  /** A host is back: whoever its budgets kept waiting may go instead. */
  ended(host: number, taken: number[]): void {
    this.#budgets.giveBack(host);
    const { starts, groupOf } = this.#index;
    for (let entry = starts[host] ?? 0; entry < (starts[host + 1] ?? 0); entry += 1)
      this.#wake(groupOf[entry] ?? 0, taken);
    for (const group of this.#sequence.ended(host)) {
      const waiting = this.#later.get(group) ?? [];
      this.#later.delete(group);
      this.offer(waiting, taken);
    }
  }

  /** It waits with the group that comes after something else. */
  #postpone(host: number, group: number): void {
    const waiting = this.#later.get(group);
    if (waiting === undefined) this.#later.set(group, [host]);
    else waiting.push(host);
  }

  #try(host: number, taken: number[]): void {
    this.tries += 1;
    const group = this.#budgets.refusedBy(host);
    if (group === noGroup) {
      this.#budgets.take(host);
      taken.push(host);
    } else {
      this.#parked[this.#domainIn(host, group)]?.push(host);
    }
  }

  #domainIn(host: number, group: number): number {
    const { starts, groupOf, domainOf } = this.#index;
    for (let entry = starts[host] ?? 0; entry < (starts[host + 1] ?? 0); entry += 1)
      if (groupOf[entry] === group) return domainOf[entry] ?? 0;
    return 0;
  }

  /** Those of a domain that is out already, or of the one with the most urgent host where none is. */
  #wake(group: number, taken: number[]): void {
    while (this.#budgets.outIn(group) < this.#budgets.maxOutOf(group)) {
      const heap = this.#nextParked(group);
      const host = heap?.pop();
      if (host === undefined) return;
      this.#try(host, taken);
    }
  }

  #nextParked(group: number): RankHeap | undefined {
    const { domainStarts } = this.#index;
    let best: RankHeap | undefined;
    for (let domain = domainStarts[group] ?? 0; domain < (domainStarts[group + 1] ?? 0); domain += 1) {
      const heap = this.#parked[domain];
      if (heap === undefined || heap.first === undefined || !this.#budgets.opens(group, domain)) continue;
      if (best?.first === undefined || (this.#rank[heap.first] ?? 0) < (this.#rank[best.first] ?? 0)) best = heap;
    }
    return best;
  }
}
