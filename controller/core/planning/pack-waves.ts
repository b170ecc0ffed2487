import { Budgets, noGroup } from '../budgets.ts';
import type { GroupIndex } from '../group-index.ts';
import { longestAfter, Sequence, type ServiceOrder } from './sequence.ts';

/** Hosts are ordered by how pressing they are in so many classes: what lies closer together makes no difference worth a sort. */
const urgencyClasses = 2048;
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
  const isPlaced = new Uint8Array(index.hostIds.length);
  let left = hosts.slice();
  while (left.length > 0) {
    const wave = fillWave(needs.byUrgency(left, wavesAtLeast - waves.length), budgets, sequence, needs);
    // Nobody fits: the plan is impossible, which was found before; a wave each is still an answer.
    const placed = wave.length > 0 ? wave : left.slice(0, 1);
    for (let at = 0; at < placed.length; at += 1) {
      const host = placed[at] ?? 0;
      needs.placed(host);
      budgets.giveBack(host);
      sequence.ended(host);
      isPlaced[host] = 1;
    }
    left = withoutPlaced(left, isPlaced);
    waves.push(placed);
  }
  return waves;
}

function fillWave(hosts: Int32Array, budgets: Budgets, sequence: Sequence, needs: Needs): Int32Array {
  const wave: number[] = [];
  for (let at = 0; at < hosts.length; at += 1) {
    const host = hosts[at] ?? 0;
    if (!sequence.mayBegin(host)) continue;
    const refusedBy = budgets.refusedBy(host);
    if (refusedBy === noGroup) {
      budgets.take(host);
      wave.push(host);
    } else if (budgets.isFull(refusedBy) && needs.hostsLeftIn(refusedBy) === hosts.length) {
      // Everybody who is left is a member of it, so nobody else fits either.
      break;
    }
  }
  return Int32Array.from(wave);
}

/** In the same array, as far as they go. */
function withoutPlaced(hosts: Int32Array<ArrayBuffer>, isPlaced: Uint8Array): Int32Array<ArrayBuffer> {
  let count = 0;
  for (let at = 0; at < hosts.length; at += 1) {
    const host = hosts[at] ?? 0;
    if (isPlaced[host] === 0) hosts[count++] = host;
  }
  return hosts.subarray(0, count);
}

/** How many waves each group still needs, and which hosts are therefore the most pressing. */
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

  byUrgency(hosts: Int32Array, wavesLeft: number): Int32Array {
    for (let group = 0; group < this.#waves.length; group += 1) {
      const waves = this.#waves[group] ?? 0;
      const own = Math.max(1, wavesLeft - this.#wavesAfter(group));
      this.#urgency[group] = (waves / own) ** slackPower;
    }
    const { starts, groupOf } = this.#budgets.index;
    const keys = new Float64Array(hosts.length);
    let most = 0;
    for (let at = 0; at < hosts.length; at += 1) {
      const host = hosts[at] ?? 0;
      const end = starts[host + 1] ?? 0;
      let sum = 0;
      for (let entry = starts[host] ?? 0; entry < end; entry += 1) sum += this.#urgency[groupOf[entry] ?? 0] ?? 0;
      keys[at] = sum;
      if (sum > most) most = sum;
    }
    return sortedByKey(hosts, keys, most);
  }
}

/** Largest key first, by a counting sort over logarithmic classes. */
function sortedByKey(hosts: Int32Array, keys: Float64Array, most: number): Int32Array {
  const classes = new Uint16Array(hosts.length);
  const starts = new Int32Array(urgencyClasses + 1);
  for (let at = 0; at < hosts.length; at += 1) {
    // Equal shares of the logarithm, down to a millionth of the largest key.
    const share = most > 0 ? Math.max(0, 1 + Math.log10((keys[at] ?? 0) / most) / 6) : 0;
    const number = urgencyClasses - 1 - Math.min(urgencyClasses - 1, Math.floor(share * urgencyClasses));
    classes[at] = number;
    starts[number + 1] = (starts[number + 1] ?? 0) + 1;
  }
  for (let number = 0; number < urgencyClasses; number += 1)
    starts[number + 1] = (starts[number + 1] ?? 0) + (starts[number] ?? 0);
  const sorted = new Int32Array(hosts.length);
  for (let at = 0; at < hosts.length; at += 1) {
    const number = classes[at] ?? 0;
    const place = starts[number] ?? 0;
    starts[number] = place + 1;
    sorted[place] = hosts[at] ?? 0;
  }
  return sorted;
}
