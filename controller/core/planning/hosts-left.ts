import type { GroupIndex } from '../group-index.ts';
import { countingSort } from './counting-sort.ts';
import type { HostKinds } from './host-kinds.ts';

/** Hosts are ordered by how pressing they are in so many classes: what lies closer together makes no difference worth a sort. */
const urgencyClasses = 2048;

/** Hosts still to place, in an order that they keep; groups are asked once for each kind of them. */
export class HostsLeft {
  readonly #index: GroupIndex;
  /** By place; `none` where a host was removed. */
  readonly #hosts: Int32Array;
  readonly #kinds: Int32Array;
  /** By kind: one of its hosts, and how many are left. */
  readonly #hostOf: Int32Array;
  readonly #leftOf: Int32Array;
  /** Places, those of removed hosts among them until the holes are closed. */
  count: number;

  constructor({ index, hosts, kindOf, hostOf, sizeOf }: HostKinds) {
    this.#index = index;
    this.#hosts = hosts.slice();
    this.#kinds = hosts.map((host) => kindOf[host] ?? none);
    this.#hostOf = hostOf;
    this.#leftOf = sizeOf.slice();
    this.count = hosts.length;
  }

  get kindCount(): number {
    return this.#hostOf.length;
  }

  hostAt(place: number): number {
    return this.#hosts[place] ?? none;
  }

  /** One host of a kind, for its groups; it may have been removed. */
  hostOf(kind: number): number {
    return this.#hostOf[kind] ?? none;
  }

  kindAt(place: number): number {
    return this.#kinds[place] ?? none;
  }

  /** Leaves a hole; returns the host. */
  remove(place: number): number {
    const host = this.hostAt(place);
    this.#hosts[place] = none;
    const kind = this.kindAt(place);
    this.#leftOf[kind] = (this.#leftOf[kind] ?? 0) - 1;
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
    const classAt = new Int32Array(this.count);
    for (let place = 0; place < this.count; place += 1) classAt[place] = classes[this.kindAt(place)] ?? 0;
    return countingSort(classAt, urgencyClasses).places;
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
    for (let kind = 0; kind < sums.length; kind += 1)
      if (this.#leftOf[kind] !== 0) classes[kind] = urgencyClass((sums[kind] ?? 0) / most);
    return classes;
  }

  #sum(host: number, urgency: Float64Array): number {
    const { starts, groupOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    let sum = 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) sum += urgency[groupOf[entry] ?? 0] ?? 0;
    return sum;
  }
}

const none = -1;

/** Of a share of the largest sum; NaN, where nothing is urgent, is none. */
function urgencyClass(share: number): number {
  const part = Math.max(0, 1 + Math.log10(share || 0) / 6);
  return urgencyClasses - 1 - Math.min(urgencyClasses - 1, Math.floor(part * urgencyClasses));
}
