import type { GroupIndex } from '../group-index.ts';
import { noDomain, Room } from '../room.ts';
import type { HostKinds } from './host-kinds.ts';
import { HostsLeft } from './hosts-left.ts';
import { longestAfter, Sequence, type ServiceOrder } from './sequence.ts';

/** How much more a group counts that has hardly any slack left: 6 was best of 2 to 10 on generated fleets. */
const slackPower = 6;

/**
 * Packs hosts into waves that keep every budget when all else serves, with as few waves as a greedy choice finds: in each wave those
 * first whose groups have the least slack, by what they still need and how many waves are left of the fewest that there can be.
 * Hosts alike keep their order, and so do those as urgent. `wavesAtLeast`: the lower bound.
 */
export function packWaves(kinds: HostKinds, order: ServiceOrder, wavesAtLeast: number): readonly Int32Array[] {
  const waves: Int32Array[] = [];
  const { index } = kinds;
  const room = new Room(index);
  const sequence = new Sequence(order, kinds);
  const needs = new Needs(kinds, order);
  const left = new HostsLeft(kinds);
  while (left.count > 0) {
    const byUrgency = left.placesBy(needs.urgencyByGroup(wavesAtLeast - waves.length));
    const wave = fillWave(left, byUrgency, room, sequence, needs);
    endWave(wave, kinds, room, sequence, needs);
    left.closeHoles();
    waves.push(wave);
  }
  return waves;
}

/** What refuses a host refuses all of its kind until the wave has ended. */
function fillWave(left: HostsLeft, places: Int32Array, room: Room, sequence: Sequence, needs: Needs): Int32Array {
  const wave: number[] = [];
  const isRefused = new Uint8Array(left.kindCount);
  for (let at = 0; at < places.length; at += 1) {
    const place = places[at] ?? 0;
    const kind = left.kindAt(place);
    if (isRefused[kind] === 1) continue;
    const host = left.hostOf(kind);
    const refusing = room.refusing(host);
    if (refusing === noDomain && sequence.mayBegin(host)) {
      room.take(host);
      wave.push(left.remove(place));
      continue;
    }
    isRefused[kind] = 1;
    // Everybody who is left lies in it, so nobody else fits either.
    if (refusing !== noDomain && needs.hostsLeftIn(refusing) === left.count) break;
  }
  // Nobody fits: the plan is impossible, which was found before; a wave each is still an answer.
  if (wave.length === 0) wave.push(left.remove(0));
  return Int32Array.from(wave);
}

function endWave(wave: Int32Array, { kindOf, hostOf }: HostKinds, room: Room, sequence: Sequence, needs: Needs): void {
  for (let at = 0; at < wave.length; at += 1) {
    // One of its kind does as well, and is nearer at hand.
    const host = hostOf[kindOf[wave[at] ?? 0] ?? 0] ?? 0;
    needs.placed(host);
    room.giveBack(host);
    sequence.ended(host);
  }
}

/** How many waves each group still needs, and how pressing that makes it. */
class Needs {
  readonly #index: GroupIndex;
  /** Waves that come after the last one of a group at least. */
  readonly #wavesAfter: Float64Array;
  /** By domain: hosts still to place. */
  readonly #left: Int32Array;
  /** By group. */
  readonly #capacity: Float64Array;
  readonly #waves: Int32Array;
  readonly #urgency: Float64Array;

  constructor({ index, hostOf, sizeOf }: HostKinds, order: ServiceOrder) {
    this.#index = index;
    this.#capacity = Float64Array.from(index.groups, ({ maxOut }) => Math.max(1, maxOut));
    this.#left = new Int32Array(index.domainCount);
    this.#waves = new Int32Array(index.groups.length);
    this.#urgency = new Float64Array(index.groups.length);
    for (let kind = 0; kind < hostOf.length; kind += 1) this.#change(hostOf[kind] ?? 0, sizeOf[kind] ?? 0);
    this.#wavesAfter = longestAfter(order, this.#waves);
  }

  placed(host: number): void {
    this.#change(host, -1);
  }

  /** How many hosts of a domain were still to place when the present wave began. */
  hostsLeftIn(domain: number): number {
    return this.#left[domain] ?? 0;
  }

  #change(host: number, change: number): void {
    const { starts, groupOf, domainOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const group = groupOf[entry] ?? 0;
      const domain = domainOf[entry] ?? 0;
      const capacity = this.#capacity[group] ?? 1;
      const before = this.#left[domain] ?? 0;
      this.#left[domain] = before + change;
      this.#waves[group] =
        (this.#waves[group] ?? 0) + Math.ceil((before + change) / capacity) - Math.ceil(before / capacity);
    }
  }

  /** By group, when so many waves are left. */
  urgencyByGroup(wavesLeft: number): Float64Array {
    for (let group = 0; group < this.#waves.length; group += 1) {
      const own = Math.max(1, wavesLeft - (this.#wavesAfter[group] ?? 0));
      this.#urgency[group] = ((this.#waves[group] ?? 0) / own) ** slackPower;
    }
    return this.#urgency;
  }
}
