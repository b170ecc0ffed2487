import type { Fleet } from '../fleet.ts';
import type { GroupIndex } from '../group-index.ts';

/** Which services come after which, as groups of an index. */
export interface ServiceOrder {
  /** By group: the groups that have to have ended before, and those that wait for it. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  readonly isEmpty: boolean;
}

/** The order of the services of a fleet. It has no circles: the fleet file was refused with one. */
export function serviceOrder(fleet: Fleet, index: GroupIndex): ServiceOrder {
  const numbers = new Map(index.groups.map((group, number) => [group.name, number]));
  const before: number[][] = index.groups.map(() => []);
  const after: number[][] = index.groups.map(() => []);
  for (const service of fleet.services) {
    const later = numbers.get(service.name);
    for (const name of service.after) {
      const earlier = numbers.get(name);
      if (later === undefined || earlier === undefined) continue;
      before[later]?.push(earlier);
      after[earlier]?.push(later);
    }
  }
  return { before, after, isEmpty: before.every((each) => each.length === 0) };
}

/** The longest way through the groups that come after a group, with a length for each; nobody waits for a group of length 0, which has no hosts. */
export function longestAfter(order: ServiceOrder, lengthOf: (group: number) => number): (group: number) => number {
  const known = new Map<number, number>();
  const measure = (group: number): number => {
    const found = known.get(group);
    if (found !== undefined) return found;
    const most = (order.after[group] ?? [])
      .filter((each) => lengthOf(each) > 0)
      .reduce((best, each) => Math.max(best, lengthOf(each) + measure(each)), 0);
    known.set(group, most);
    return most;
  };
  return measure;
}

/** How far the services of one set of hosts have come that come after each other: who may begin now. */
export class Sequence {
  readonly #index: GroupIndex;
  readonly #order: ServiceOrder;
  /** By group: its hosts that have not ended. */
  readonly #left: Int32Array;

  constructor(order: ServiceOrder, index: GroupIndex, hosts: Int32Array) {
    this.#index = index;
    this.#order = order;
    this.#left = new Int32Array(index.groups.length);
    if (order.isEmpty) return;
    for (const host of hosts)
      for (const group of this.#groupsOf(host)) this.#left[group] = (this.#left[group] ?? 0) + 1;
  }

  #groupsOf(host: number): Int32Array {
    return this.#index.groupOf.subarray(this.#index.starts[host], this.#index.starts[host + 1]);
  }

  /** Has everything ended that this host comes after? */
  mayBegin(host: number): boolean {
    return this.waitsIn(host) === undefined;
  }

  /** The group of this host that comes after something that has not ended. */
  waitsIn(host: number): number | undefined {
    if (this.#order.isEmpty) return undefined;
    const isOpen = (earlier: number): boolean => this.#left[earlier] !== 0;
    return this.#groupsOf(host).find((group) => this.#order.before[group]?.some(isOpen) === true);
  }

  /** Groups whose hosts may begin now that this host has ended. */
  ended(host: number): readonly number[] {
    if (this.#order.isEmpty) return [];
    const opened: number[] = [];
    for (const group of this.#groupsOf(host)) {
      const left = (this.#left[group] ?? 0) - 1;
      this.#left[group] = left;
      if (left === 0) opened.push(...(this.#order.after[group] ?? []));
    }
    return opened;
  }
}
