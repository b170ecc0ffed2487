import { countingSort } from './counting-sort.ts';
import type { HostKinds } from './host-kinds.ts';

/** Hosts that wait, kind by kind, each kind in priority: of those alike only the first needs to be looked at. */
export class WaitingHosts {
  readonly #hosts: Int32Array;
  /** Places in the priority, kind after kind. */
  readonly #places: Int32Array;
  /** By kind: where its first host that waits is among the places, and where the next kind begins. */
  readonly #firsts: Int32Array;
  readonly #ends: Int32Array;

  /** `hosts` in priority. */
  constructor(hosts: Int32Array, { kindOf, hostOf }: HostKinds) {
    const { starts, places } = countingSort(
      hosts.map((host) => kindOf[host] ?? 0),
      hostOf.length,
    );
    this.#hosts = hosts;
    this.#places = places;
    this.#firsts = starts.slice(0, -1);
    this.#ends = starts.subarray(1);
  }

  has(kind: number): boolean {
    return (this.#firsts[kind] ?? 0) < (this.#ends[kind] ?? 0);
  }

  /** The place of the first host of a kind in the priority of all. */
  placeOf(kind: number): number {
    return this.#places[this.#firsts[kind] ?? 0] ?? 0;
  }

  /** The first host of a kind, which waits no longer. */
  take(kind: number): number {
    const host = this.#hosts[this.placeOf(kind)] ?? 0;
    this.#firsts[kind] = (this.#firsts[kind] ?? 0) + 1;
    return host;
  }
}
