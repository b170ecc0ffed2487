import type { GroupIndex } from './group-index.ts';
import { Room } from './room.ts';

/** No group refuses. */
export const noGroup = -1;

/** How a member counts in its group. */
const serves = 0;
const isOut = 1;
/** It counts neither way: a member without a vote in a group of voters. */
const isExempt = 2;

/**
 * Who is out in each group, as each member counts there, while hosts come and go. Hosts, groups and memberships are numbers of a
 * GroupIndex; a host that it does not know (-1) is in no group.
 */
export class Budgets {
  readonly index: GroupIndex;
  readonly #room: Room;
  /** By membership. */
  readonly #states: Uint8Array;

  /** Everybody serves, and what is declared and does not exist counts as out. */
  constructor(index: GroupIndex) {
    this.index = index;
    this.#room = new Room(index);
    this.#states = new Uint8Array(index.groupOf.length);
  }

  /** Before anybody of the group is taken: what a look at it has shown, in place of what the plan declares. */
  declare(group: number, maxOut: number, missing: number): void {
    this.#room.declare(group, maxOut, missing);
  }

  /** The first group that refuses this host besides what is out; `noGroup`: it may go. */
  refusedBy(host: number): number {
    const { starts, groupOf, domainOf } = this.index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const state = this.#states[entry];
      if (state === isExempt) continue;
      if (this.#room.in(domainOf[entry] ?? 0) < (state === isOut ? 0 : 1)) return groupOf[entry] ?? 0;
    }
    return noGroup;
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

  #entryOf(host: number, group: number): number | undefined {
    const end = this.index.starts[host + 1] ?? 0;
    for (let entry = this.index.starts[host] ?? end; entry < end; entry += 1)
      if (this.index.groupOf[entry] === group) return entry;
    return undefined;
  }

  #setOut(entry: number): void {
    if (this.#states[entry] !== serves) return;
    this.#states[entry] = isOut;
    this.#room.takeIn(this.index.domainOf[entry] ?? 0);
  }
}
