import type { GroupIndex } from '../group-index.ts';
import type { Group } from '../plan.ts';
import type { HostKinds } from './host-kinds.ts';
import { longestAfter, type ServiceOrder } from './sequence.ts';

/** The least that any order could need for some hosts, and the group that says so. */
export interface Least {
  readonly amount: number;
  readonly group: string;
}

/** By group: the fewest waves that its hosts and all that comes after them could need. With one domain at a time the domains add up. */
export function wavesByGroup({ index, hostOf, sizeOf }: HostKinds, order: ServiceOrder): Float64Array {
  const { starts, domainOf } = index;
  const hostsIn = new Int32Array(index.domainCount);
  for (let kind = 0; kind < hostOf.length; kind += 1) {
    const host = hostOf[kind] ?? 0;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const domain = domainOf[entry] ?? 0;
      hostsIn[domain] = (hostsIn[domain] ?? 0) + (sizeOf[kind] ?? 0);
    }
  }
  const waves = new Float64Array(index.groups.length);
  for (let domain = 0; domain < index.domainCount; domain += 1) {
    const group = index.groupOfDomain[domain] ?? 0;
    waves[group] = (waves[group] ?? 0) + Math.ceil((hostsIn[domain] ?? 0) / capacityOf(index.groups[group]));
  }
  return withWhatComesAfter(waves, order);
}

/**
 * By group: the least time in which its slots could be held one after the other as the budget demands, with all that comes after them.
 * `durations`: ms by host number.
 */
export function timeByGroup(
  hosts: Int32Array,
  index: GroupIndex,
  order: ServiceOrder,
  durations: Float64Array,
): Float64Array {
  const times = new Float64Array(index.groups.length);
  const { starts, held } = durationsByDomain(hosts, index, durations);
  for (let domain = 0; domain < index.domainCount; domain += 1) {
    const group = index.groupOfDomain[domain] ?? 0;
    times[group] =
      (times[group] ?? 0) +
      loadBound(held.subarray(starts[domain], starts[domain + 1]), capacityOf(index.groups[group]));
  }
  return withWhatComesAfter(times, order);
}

/** The group that needs most. */
export function least(amounts: Float64Array, index: GroupIndex): Least {
  return index.groups.reduce<Least>(
    (best, { name }, group) => {
      const amount = amounts[group] ?? 0;
      return amount > best.amount ? { amount, group: name } : best;
    },
    { amount: 0, group: '' },
  );
}

function capacityOf(group: Group | undefined): number {
  return Math.max(1, group?.maxOut ?? 1);
}

function withWhatComesAfter(amounts: Float64Array, order: ServiceOrder): Float64Array {
  const after = longestAfter(order, amounts);
  return amounts.map((amount, group) => (amount === 0 ? 0 : amount + (after[group] ?? 0)));
}

/** Those of domain d are `held[starts[d]]` to `held[starts[d + 1] - 1]`. */
function durationsByDomain(
  hosts: Int32Array,
  index: GroupIndex,
  durations: Float64Array,
): { readonly starts: Int32Array; readonly held: Float64Array } {
  const starts = new Int32Array(index.domainCount + 1);
  forEachMembership(hosts, index, (_host, domain) => (starts[domain] = (starts[domain] ?? 0) + 1));
  for (let domain = 0; domain < index.domainCount; domain += 1)
    starts[domain + 1] = (starts[domain + 1] ?? 0) + (starts[domain] ?? 0);
  const held = new Float64Array(starts[index.domainCount] ?? 0);
  // Filled from the end of each, which leaves its start.
  forEachMembership(hosts, index, (host, domain) => {
    const place = (starts[domain] ?? 0) - 1;
    starts[domain] = place;
    held[place] = durations[host] ?? 0;
  });
  return { starts, held };
}

/** max(sum / budget, longest, d_b + d_(b+1)): with one more host than slots, two of them share a slot. Sorts in place. */
function loadBound(held: Float64Array, budget: number): number {
  held.sort();
  let sum = 0;
  for (const each of held) sum += each;
  const count = held.length;
  const pair = count > budget ? (held[count - budget] ?? 0) + (held[count - budget - 1] ?? 0) : 0;
  return Math.max(sum / budget, held[count - 1] ?? 0, pair);
}

function forEachMembership(
  hosts: Int32Array,
  { starts, domainOf }: GroupIndex,
  visit: (host: number, domain: number) => void,
): void {
  for (let place = 0; place < hosts.length; place += 1) {
    const host = hosts[place] ?? 0;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) visit(host, domainOf[entry] ?? 0);
  }
}
