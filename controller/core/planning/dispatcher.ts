import type { GroupIndex } from '../group-index.ts';
import type { DispatchRule } from '../plan.ts';
import { noDomain, Room } from '../room.ts';
import { Burden } from './burden.ts';
import type { HostKinds } from './host-kinds.ts';
import { KeyedHeap } from './keyed-heap.ts';
import { nobody, ParkedKinds } from './parked-kinds.ts';
import { Sequence, type ServiceOrder } from './sequence.ts';
import { WaitingHosts } from './waiting-hosts.ts';

/** By burden the hosts are ranked anew this often during a dispatch: more often costs more than it wins. */
const rankingsPerDispatch = 16;
const takenBetweenRankingsMin = 64;
/** Small against any burden that makes a difference. */
const tieBreak = 1e-12;
const noQueue = -1;

/** What a dispatch is played with. */
export interface DispatchOptions {
  readonly kinds: HostKinds;
  readonly order: ServiceOrder;
  readonly rule: DispatchRule;
  /** Expected ms by host number. */
  readonly expected: Float64Array;
}

/**
 * Dispatch without looking at everybody again and again: each kind of hosts that wait is parked in one of its groups, in its domain, and
 * groups with room are asked for their most urgent kind, by the rank of its first host. A kind that another group refuses is parked
 * there. Work-conserving: after each call nobody is left that could go, and whoever goes is whom a walk over all hosts by rank would
 * have taken. The same arithmetic as `mayTakeOut` where everything that is not out serves.
 */
export class Dispatcher {
  readonly #index: GroupIndex;
  readonly #kinds: HostKinds;
  readonly #room: Room;
  readonly #sequence: Sequence;
  readonly #burden: Burden | null;
  readonly #waiting: WaitingHosts;
  /** By kind: the lowest goes first. */
  readonly #rank: Float64Array;
  /** By kind, as measured last. */
  readonly #urgency: Float64Array;
  /** By domain of a group: who waits there. */
  readonly #parked: ParkedKinds;
  /** Groups that may have room for somebody who is parked in them, by the rank of the most urgent, or a lower one. */
  readonly #open: KeyedHeap;
  /** By group: kinds that come after something that has not ended. */
  readonly #later = new Map<number, number[]>();
  /** Groups that every host is a member of: while one of them is full nobody needs to be asked. */
  readonly #ofAll: readonly number[];
  readonly #takenBetweenRankings: number;
  #takenSinceRanking = 0;
  /** How often a kind was asked for. */
  tries = 0;

  /** `hosts` in priority as it is at the beginning. */
  constructor(hosts: Int32Array, { kinds, order, rule, expected }: DispatchOptions) {
    const { index, hostOf } = kinds;
    this.#index = index;
    this.#kinds = kinds;
    this.#room = new Room(index);
    this.#sequence = new Sequence(order, kinds);
    this.#burden = rule === 'burden' ? new Burden(kinds, order, expected) : null;
    this.#waiting = new WaitingHosts(hosts, kinds);
    this.#rank = new Float64Array(hostOf.length);
    this.#urgency = new Float64Array(hostOf.length);
    this.#ofAll = groupsOfAll(hostOf, index);
    this.#parked = new ParkedKinds(index.domainCount, this.#rank);
    this.#open = new KeyedHeap(index.groups.length);
    this.#takenBetweenRankings = Math.max(takenBetweenRankingsMin, hosts.length / rankingsPerDispatch);
    this.#rankAll();
  }

  /** Offers everybody; appends those that go now to `taken`. */
  begin(taken: number[]): void {
    for (let kind = 0; kind < this.#rank.length; kind += 1) this.#offer(kind, taken);
    this.#serve(taken);
  }

  /** A host is back: whoever its budgets kept waiting may go instead. */
  ended(host: number, taken: number[]): void {
    this.#rankAnew();
    const { kindOf, hostOf } = this.#kinds;
    const alike = hostOf[kindOf[host] ?? 0] ?? 0;
    this.#room.giveBack(alike);
    const { starts, groupOf } = this.#index;
    const end = starts[alike + 1] ?? 0;
    for (let entry = starts[alike] ?? 0; entry < end; entry += 1) this.#opens(groupOf[entry] ?? 0);
    for (const group of this.#sequence.ended(alike)) {
      const waiting = this.#later.get(group) ?? [];
      this.#later.delete(group);
      for (const kind of waiting) this.#offer(kind, taken);
    }
    this.#serve(taken);
  }

  /** Who comes after something else waits with the group that does. */
  #offer(kind: number, taken: number[]): void {
    const group = this.#sequence.waitsIn(this.#kinds.hostOf[kind] ?? 0);
    if (group === undefined) {
      this.#parkAtHome(kind, taken);
      return;
    }
    const waiting = this.#later.get(group);
    if (waiting === undefined) this.#later.set(group, [kind]);
    else waiting.push(kind);
  }

  /** In its first group; hosts in no group go. */
  #parkAtHome(kind: number, taken: number[]): void {
    const { starts, groupOf, domainOf } = this.#index;
    const host = this.#kinds.hostOf[kind] ?? 0;
    const entry = starts[host] ?? 0;
    if (entry === starts[host + 1]) {
      while (this.#waiting.has(kind)) this.#take(kind, taken);
      return;
    }
    this.#parked.push(kind, domainOf[entry] ?? 0);
    this.#opens(groupOf[entry] ?? 0);
  }

  /** Takes the first host of a kind out of its queue, or parks the kind with the group that refuses it. */
  #try(kind: number, queue: number, taken: number[]): void {
    this.tries += 1;
    const refusing = this.#room.refusing(this.#kinds.hostOf[kind] ?? 0);
    if (refusing === noDomain) this.#take(kind, taken);
    if (this.#waiting.has(kind)) this.#parked.push(kind, refusing === noDomain ? queue : refusing);
  }

  #take(kind: number, taken: number[]): void {
    const host = this.#waiting.take(kind);
    this.#room.take(this.#kinds.hostOf[kind] ?? 0);
    this.#burden?.begun(host);
    this.#takenSinceRanking += 1;
    taken.push(host);
    this.#rankOne(kind);
  }

  /** A group may have room for somebody who is parked in it. */
  #opens(group: number): void {
    const queue = this.#nextQueue(group);
    if (queue === noQueue) return;
    const rank = this.#firstRank(queue);
    if (!this.#open.has(group) || rank < this.#open.keyOf(group)) this.#open.set(group, rank);
  }

  /** Lets the most urgent kinds of groups with room try, while all of everybody's budgets have some. */
  #serve(taken: number[]): void {
    while (this.#open.first !== KeyedHeap.none && !this.#everybodyWaits()) {
      const group = this.#open.first;
      const queue = this.#nextQueue(group);
      if (queue === noQueue) this.#open.pop();
      else if (this.#firstRank(queue) > this.#open.keyOf(group)) this.#open.set(group, this.#firstRank(queue));
      else this.#try(this.#parked.pop(queue), queue, taken);
    }
  }

  /** Is a budget over all hosts spent? */
  #everybodyWaits(): boolean {
    for (const group of this.#ofAll) if (this.#room.isFull(group)) return true;
    return false;
  }

  #firstRank(queue: number): number {
    return this.#rank[this.#parked.first(queue)] ?? 0;
  }

  /** The queue of a group with the most urgent kind, among the domains with room; `noQueue` where there is none. */
  #nextQueue(group: number): number {
    if (this.#room.isFull(group)) return noQueue;
    const { domainStarts } = this.#index;
    const end = domainStarts[group + 1] ?? 0;
    let best = noQueue;
    for (let domain = domainStarts[group] ?? 0; domain < end; domain += 1) {
      if (this.#room.in(domain) <= 0 || this.#parked.first(domain) === nobody) continue;
      if (best === noQueue || this.#firstRank(domain) < this.#firstRank(best)) best = domain;
    }
    return best;
  }

  #rankAnew(): void {
    if (this.#burden === null || this.#takenSinceRanking < this.#takenBetweenRankings) return;
    this.#takenSinceRanking = 0;
    this.#rankAll();
    this.#parked.rebuild();
    while (this.#open.first !== KeyedHeap.none) this.#open.pop();
    for (let group = 0; group < this.#index.groups.length; group += 1) this.#opens(group);
  }

  #rankAll(): void {
    this.#burden?.measure();
    for (let kind = 0; kind < this.#rank.length; kind += 1) {
      if (!this.#waiting.has(kind)) continue;
      this.#urgency[kind] = this.#burden?.of(this.#kinds.hostOf[kind] ?? 0) ?? 0;
      this.#rankOne(kind);
    }
  }

  /** Among hosts alike, and where two are as urgent, priority decides. */
  #rankOne(kind: number): void {
    this.#rank[kind] = this.#waiting.placeOf(kind) * tieBreak - (this.#urgency[kind] ?? 0);
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
