import type { Fleet } from '../fleet.ts';
import type { GroupIndex } from '../group-index.ts';
import type { HostKinds } from './host-kinds.ts';

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

/**
 * By group: the longest way through the groups that come after it, with a length for each; nobody waits for a group of length 0, which has
 * no hosts.
 */
export function longestAfter({ after, isEmpty }: ServiceOrder, lengths: ArrayLike<number>): Float64Array {
  const longest = new Float64Array(lengths.length);
  if (isEmpty) return longest;
  const isKnown = new Uint8Array(lengths.length);
  const measure = (group: number): number => {
    if (isKnown[group] === 1) return longest[group] ?? 0;
    isKnown[group] = 1;
    let most = 0;
    for (const later of after[group] ?? []) {
      const length = lengths[later] ?? 0;
      if (length > 0) most = Math.max(most, length + measure(later));
    }
    longest[group] = most;
    return most;
  };
  for (let group = 0; group < lengths.length; group += 1) measure(group);
  return longest;
}

const none: readonly number[] = [];

/** How far the services of one set of hosts have come that come after each other: who may begin now. */
export class Sequence {
  readonly #index: GroupIndex;
  readonly #order: ServiceOrder;
  /** By group: its hosts that have not ended, and the groups with some that it comes after. */
  readonly #left: Int32Array;
  readonly #openBefore: Int32Array;

  constructor(order: ServiceOrder, { index, hostOf, sizeOf }: HostKinds) {
    this.#index = index;
    this.#order = order;
    this.#left = new Int32Array(index.groups.length);
    this.#openBefore = new Int32Array(index.groups.length);
    if (order.isEmpty) return;
    const { starts, groupOf } = index;
    for (let kind = 0; kind < hostOf.length; kind += 1) {
      const host = hostOf[kind] ?? 0;
      const end = starts[host + 1] ?? 0;
      for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
        const group = groupOf[entry] ?? 0;
        this.#left[group] = (this.#left[group] ?? 0) + (sizeOf[kind] ?? 0);
      }
    }
    for (const [group, before] of order.before.entries())
      this.#openBefore[group] = before.filter((earlier) => this.#left[earlier] !== 0).length;
  }

  /** Has everything ended that this host comes after? */
  mayBegin(host: number): boolean {
    return this.waitsIn(host) === undefined;
  }

  /** The group of this host that comes after something that has not ended. */
  waitsIn(host: number): number | undefined {
    if (this.#order.isEmpty) return undefined;
    const { starts, groupOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const group = groupOf[entry] ?? 0;
      if (this.#openBefore[group] !== 0) return group;
    }
    return undefined;
  }

  /** Groups whose hosts may begin now that this host has ended. */
  ended(host: number): readonly number[] {
    if (this.#order.isEmpty) return none;
    let opened = none;
    const { starts, groupOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const group = groupOf[entry] ?? 0;
      const left = (this.#left[group] ?? 0) - 1;
      this.#left[group] = left;
      if (left === 0) opened = [...opened, ...this.#opened(group)];
    }
    return opened;
  }

  /** The groups that came after nothing else but this one, which has ended. */
  #opened(ended: number): readonly number[] {
    return (this.#order.after[ended] ?? []).filter((group) => {
      const left = (this.#openBefore[group] ?? 0) - 1;
      this.#openBefore[group] = left;
      return left === 0;
    });
  }
}
