import { Budgets, noGroup } from '../budgets.ts';
import type { GroupIndex } from '../group-index.ts';
import { HostsLeft } from './hosts-left.ts';
import { longestAfter, Sequence, type ServiceOrder } from './sequence.ts';

/** How much more a group counts that has hardly any slack left: 6 was best of 2 to 10 on generated fleets. */
const slackPower = 6;

/**
 * Packs hosts into waves that keep every budget when all else serves, with as few waves as a greedy choice finds: in each wave those
 * first whose groups have the least slack, by what they still need and how many waves are left of the fewest that there can be.
 * `hosts` are numbers of the index; ties keep their order. `wavesAtLeast`: the lower bound.
 */
export function packWaves(
  hosts: Int32Array,
  index: GroupIndex,
  order: ServiceOrder,
  wavesAtLeast: number,
): readonly Int32Array[] {
  const waves: Int32Array[] = [];
  const budgets = new Budgets(index);
  const sequence = new Sequence(order, index, hosts);
  const needs = new Needs(hosts, budgets, order);
  const left = new HostsLeft(hosts, index);
  while (left.count > 0) {
    const byUrgency = left.placesBy(needs.urgencyByGroup(wavesAtLeast - waves.length));
    const wave = fillWave(left, byUrgency, budgets, sequence, needs);
    for (let at = 0; at < wave.length; at += 1) {
      const host = wave[at] ?? 0;
      needs.placed(host);
      budgets.giveBack(host);
      sequence.ended(host);
    }
    left.closeHoles();
    waves.push(wave);
  }
  return waves;
}

/** What refuses a host for its groups refuses all of its kind until the wave has ended; a domain rule only those of its domain. */
function fillWave(left: HostsLeft, places: Int32Array, budgets: Budgets, sequence: Sequence, needs: Needs): Int32Array {
  const wave: number[] = [];
  const isRefused = new Uint8Array(left.kindCount);
  for (let at = 0; at < places.length; at += 1) {
    const place = places[at] ?? 0;
    const kind = left.kindAt(place);
    if (isRefused[kind] === 1) continue;
    const host = left.hostAt(place);
    const refusedBy = budgets.refusedBy(host);
    if (!sequence.mayBegin(host)) isRefused[kind] = 1;
    else if (refusedBy === noGroup) {
      budgets.take(host);
      wave.push(left.remove(place));
    } else if (budgets.isFull(refusedBy)) {
      isRefused[kind] = 1;
      // Everybody who is left is a member of it, so nobody else fits either.
      if (needs.hostsLeftIn(refusedBy) === left.count) break;
    }
  }
  // Nobody fits: the plan is impossible, which was found before; a wave each is still an answer.
  if (wave.length === 0) wave.push(left.remove(0));
  return Int32Array.from(wave);
}

/** How many waves each group still needs, and how pressing that makes it. */
class Needs {
  readonly #budgets: Budgets;
  /** Waves that come after the last one of a group at least. */
  readonly #wavesAfter: (group: number) => number;
  /** Hosts still to place, by domain and by group. */
  readonly #left: Int32Array;
  readonly #leftInGroup: Int32Array;
  readonly #waves: Int32Array;
  readonly #urgency: Float64Array;

  constructor(hosts: Int32Array, budgets: Budgets, order: ServiceOrder) {
    const { index } = budgets;
    this.#budgets = budgets;
    this.#left = new Int32Array(index.domainCount);
    this.#leftInGroup = new Int32Array(index.groups.length);
    this.#waves = new Int32Array(index.groups.length);
    this.#urgency = new Float64Array(index.groups.length);
    for (let at = 0; at < hosts.length; at += 1) this.#change(hosts[at] ?? 0, 1);
    this.#wavesAfter = longestAfter(order, (group) => this.#waves[group] ?? 0);
  }

  placed(host: number): void {
    this.#change(host, -1);
  }

  /** How many hosts of a group were still to place when the present wave began. */
  hostsLeftIn(group: number): number {
    return this.#leftInGroup[group] ?? 0;
  }

  #change(host: number, change: number): void {
    const { starts, groupOf, domainOf } = this.#budgets.index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const group = groupOf[entry] ?? 0;
      const domain = domainOf[entry] ?? 0;
      const capacity = Math.max(1, this.#budgets.maxOutOf(group));
      const before = this.#left[domain] ?? 0;
      this.#left[domain] = before + change;
      this.#leftInGroup[group] = (this.#leftInGroup[group] ?? 0) + change;
      this.#waves[group] =
        (this.#waves[group] ?? 0) + Math.ceil((before + change) / capacity) - Math.ceil(before / capacity);
    }
  }

  /** By group, when so many waves are left. */
  urgencyByGroup(wavesLeft: number): Float64Array {
    for (let group = 0; group < this.#waves.length; group += 1) {
      const own = Math.max(1, wavesLeft - this.#wavesAfter(group));
      this.#urgency[group] = ((this.#waves[group] ?? 0) / own) ** slackPower;
    }
    return this.#urgency;
  }
}
