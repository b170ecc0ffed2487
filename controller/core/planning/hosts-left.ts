import type { GroupIndex } from '../group-index.ts';

/** Hosts are ordered by how pressing they are in so many classes: what lies closer together makes no difference worth a sort. */
const urgencyClasses = 2048;

/** Hosts still to place, in an order that they keep. Those of the same groups are of one kind, for which the groups are asked once. */
export class HostsLeft {
  readonly #index: GroupIndex;
  /** By place; `none` where a host was removed. */
  readonly #hosts: Int32Array;
  readonly #kinds: Int32Array;
  /** By kind: one of its hosts, and how many are left. */
  readonly #hostOf: readonly number[];
  readonly #leftOf: Int32Array;
  /** Places, those of removed hosts among them until the holes are closed. */
  count: number;

  constructor(hosts: Int32Array, index: GroupIndex) {
    const { kinds, hostOf } = kindsOf(hosts, index);
    this.#index = index;
    this.#hosts = hosts.slice();
    this.#kinds = kinds;
    this.#hostOf = hostOf;
    this.#leftOf = new Int32Array(hostOf.length);
    this.count = hosts.length;
    for (let place = 0; place < this.count; place += 1) this.#count(place, 1);
  }

  get kindCount(): number {
    return this.#hostOf.length;
  }

  hostAt(place: number): number {
    return this.#hosts[place] ?? none;
  }

  kindAt(place: number): number {
    return this.#kinds[place] ?? none;
  }

  /** Leaves a hole; returns the host. */
  remove(place: number): number {
    const host = this.hostAt(place);
    this.#hosts[place] = none;
    this.#count(place, -1);
    return host;
  }

  closeHoles(): void {
    let end = 0;
    for (let place = 0; place < this.count; place += 1) {
      if (this.#hosts[place] === none) continue;
      this.#hosts[end] = this.hostAt(place);
      this.#kinds[end] = this.kindAt(place);
      end += 1;
    }
    this.count = end;
  }

  /** All places, the most urgent hosts first, by the sum over their groups: a counting sort. `urgency`: by group. */
  placesBy(urgency: Float64Array): Int32Array {
    const classes = this.#classesBy(urgency);
    const starts = new Int32Array(urgencyClasses + 1);
    for (let kind = 0; kind < classes.length; kind += 1) {
      const number = (classes[kind] ?? 0) + 1;
      starts[number] = (starts[number] ?? 0) + (this.#leftOf[kind] ?? 0);
    }
    for (let number = 0; number < urgencyClasses; number += 1)
      starts[number + 1] = (starts[number + 1] ?? 0) + (starts[number] ?? 0);
    const places = new Int32Array(this.count);
    for (let place = 0; place < this.count; place += 1) {
      const number = classes[this.kindAt(place)] ?? 0;
      const at = starts[number] ?? 0;
      starts[number] = at + 1;
      places[at] = place;
    }
    return places;
  }

  /** By kind: equal shares of the logarithm, from the largest sum down to a millionth of it. */
  #classesBy(urgency: Float64Array): Uint16Array {
    const sums = new Float64Array(this.#hostOf.length);
    let most = 0;
    for (let kind = 0; kind < sums.length; kind += 1) {
      if (this.#leftOf[kind] === 0) continue;
      sums[kind] = this.#sum(this.#hostOf[kind] ?? 0, urgency);
      most = Math.max(most, sums[kind] ?? 0);
    }
    const classes = new Uint16Array(sums.length);
    for (let kind = 0; kind < sums.length; kind += 1) classes[kind] = urgencyClass((sums[kind] ?? 0) / most);
    return classes;
  }

  #sum(host: number, urgency: Float64Array): number {
    const { starts, groupOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    let sum = 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) sum += urgency[groupOf[entry] ?? 0] ?? 0;
    return sum;
  }

  #count(place: number, change: number): void {
    const kind = this.kindAt(place);
    this.#leftOf[kind] = (this.#leftOf[kind] ?? 0) + change;
  }
}

const none = -1;

/** Of a share of the largest sum; NaN, where nothing is urgent, is none. */
function urgencyClass(share: number): number {
  const part = Math.max(0, 1 + Math.log10(share || 0) / 6);
  return urgencyClasses - 1 - Math.min(urgencyClasses - 1, Math.floor(part * urgencyClasses));
}

/** By place the kind of its host, and by kind one of its hosts; by a hash table that is at most half full. */
function kindsOf(hosts: Int32Array, index: GroupIndex): { kinds: Int32Array; hostOf: readonly number[] } {
  const kinds = new Int32Array(hosts.length);
  const hostOf: number[] = [];
  const mask = 2 ** Math.ceil(Math.log2(2 * hosts.length + 1)) - 1;
  const table = new Int32Array(mask + 1).fill(none);
  for (let at = 0; at < hosts.length; at += 1) {
    const host = hosts[at] ?? 0;
    let slot = hashOf(host, index) & mask;
    let kind = table[slot] ?? none;
    while (kind !== none && !areAlike(host, hostOf[kind] ?? 0, index)) {
      slot = (slot + 1) & mask;
      kind = table[slot] ?? none;
    }
    if (kind === none) {
      kind = hostOf.push(host) - 1;
      table[slot] = kind;
    }
    kinds[at] = kind;
  }
  return { kinds, hostOf };
}

function hashOf(host: number, { starts, groupOf }: GroupIndex): number {
  const end = starts[host + 1] ?? 0;
  let hash = 0;
  for (let entry = starts[host] ?? 0; entry < end; entry += 1)
    hash = Math.imul((hash ^ (groupOf[entry] ?? 0)) + 1, 0x9e3779b1) ^ (hash >>> 15);
  return hash >>> 8;
}

function areAlike(one: number, other: number, { starts, groupOf }: GroupIndex): boolean {
  const from = starts[one] ?? 0;
  const length = (starts[one + 1] ?? 0) - from;
  const otherFrom = starts[other] ?? 0;
  if ((starts[other + 1] ?? 0) - otherFrom !== length) return false;
  for (let at = 0; at < length; at += 1) if (groupOf[from + at] !== groupOf[otherFrom + at]) return false;
  return true;
}
