import type { GroupIndex } from '../group-index.ts';
import type { Bound, DispatchRule } from '../plan.ts';
import { Burden, withSlowHosts } from './burden.ts';
import { least, timeByGroup, wavesByGroup } from './bounds.ts';
import { countingSort } from './counting-sort.ts';
import { dryRun } from './dry-run.ts';
import { type HostKinds, hostKinds } from './host-kinds.ts';
import { packWaves } from './pack-waves.ts';
import type { ServiceOrder } from './sequence.ts';

/** A stage in waves and in dispatch priority by each of the rules, with what a dry run took (ms) and the least that there could be. */
export interface OrderedStage {
  readonly waves: readonly Int32Array[];
  readonly byRule: Readonly<Record<DispatchRule, PlayedOrder>>;
  readonly bound: Bound;
}

/** Hosts in dispatch priority, and what their dispatch took in a dry run (ms). */
interface PlayedOrder {
  readonly hosts: Int32Array;
  readonly expectedMs: number;
}

/** Puts the hosts of one stage in order. `durations`: expected ms by host number. */
export function orderStage(
  hosts: Int32Array,
  index: GroupIndex,
  order: ServiceOrder,
  durations: Float64Array,
): OrderedStage {
  const kinds = hostKinds(hosts, index);
  const fewest = least(wavesByGroup(kinds, order), index);
  const shortest = least(timeByGroup(hosts, index, order, durations), index);
  const waves = packWaves(kinds, order, fewest.amount);
  const inWaves = concatenated(waves, hosts.length);
  const asTheyTurnOut = withSlowHosts(durations, hosts.length);
  const play = (inOrder: Int32Array, rule: DispatchRule): PlayedOrder => ({
    hosts: inOrder,
    expectedMs: dryRun(inOrder, { kinds, order, rule, expected: durations }, asTheyTurnOut).makespanMs,
  });
  return {
    waves,
    byRule: { waves: play(inWaves, 'waves'), burden: play(burdenOrder(inWaves, kinds, order, durations), 'burden') },
    bound: { waves: fewest.amount, group: fewest.group, ms: shortest.amount, msGroup: shortest.group },
  };
}

/** Hosts of the most burdened groups first; equals in the order given. Kinds are compared, and hosts sorted by the place of theirs. */
function burdenOrder(hosts: Int32Array, kinds: HostKinds, order: ServiceOrder, durations: Float64Array): Int32Array {
  const burden = new Burden(kinds, order, durations);
  const burdens = Float64Array.from(kinds.hostOf, (host) => burden.of(host));
  const inOrder = Int32Array.from(burdens.keys()).sort((a, b) => (burdens[b] ?? 0) - (burdens[a] ?? 0));
  const placeOf = new Int32Array(inOrder.length);
  for (let at = 1; at < inOrder.length; at += 1) {
    const [kind, before] = [inOrder[at] ?? 0, inOrder[at - 1] ?? 0];
    // Kinds of equal burden share a place.
    placeOf[kind] = burdens[kind] === burdens[before] ? (placeOf[before] ?? 0) : at;
  }
  const { places } = countingSort(
    hosts.map((host) => placeOf[kinds.kindOf[host] ?? 0] ?? 0),
    inOrder.length,
  );
  return places.map((place) => hosts[place] ?? 0);
}

function concatenated(waves: readonly Int32Array[], length: number): Int32Array {
  const all = new Int32Array(length);
  let at = 0;
  for (const wave of waves) {
    all.set(wave, at);
    at += wave.length;
  }
  return all;
}
