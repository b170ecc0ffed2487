import type { GroupIndex } from '../group-index.ts';
import type { Bound, DispatchRule } from '../plan.ts';
import { least, timeByGroup, wavesByGroup } from './bounds.ts';
import { dryRun } from './dry-run.ts';
import { packWaves } from './pack-waves.ts';
import type { ServiceOrder } from './sequence.ts';

/** A stage in waves and in dispatch priority by each of the rules, with what a dry run took (ms) and the least that there could be. */
export interface OrderedStage {
  readonly waves: readonly Int32Array[];
  readonly byRule: Readonly<Record<DispatchRule, { readonly hosts: Int32Array; readonly expectedMs: number }>>;
  readonly bound: Bound;
}

/** Puts the hosts of one stage in order. `durations`: expected ms by host number. */
export function orderStage(
  hosts: Int32Array,
  index: GroupIndex,
  order: ServiceOrder,
  durations: Float64Array,
): OrderedStage {
  const fewest = least(wavesByGroup(hosts, index, order), index);
  const times = timeByGroup(hosts, index, order, durations);
  const shortest = least(times, index);
  const waves = packWaves(hosts, index, order, fewest.amount);
  const inWaves = concatenated(waves, hosts.length);
  const byBurden = burdenOrder(hosts, index, times, durations);
  const play = (inOrder: Int32Array): { hosts: Int32Array; expectedMs: number } => ({
    hosts: inOrder,
    expectedMs: dryRun(inOrder, index, order, durations).makespanMs,
  });
  return {
    waves,
    byRule: { waves: play(inWaves), burden: play(byBurden) },
    bound: { waves: fewest.amount, group: fewest.group, ms: shortest.amount, msGroup: shortest.group },
  };
}

/** Hosts of the groups that need the longest come first, and of these the longest ones. */
export function burdenOrder(
  hosts: Int32Array,
  { starts, groupOf }: GroupIndex,
  times: Float64Array,
  durations: Float64Array,
): Int32Array {
  const burdens = new Float64Array(starts.length);
  for (const host of hosts) {
    let burden = 0;
    for (let entry = starts[host] ?? 0; entry < (starts[host + 1] ?? 0); entry += 1)
      burden = Math.max(burden, times[groupOf[entry] ?? 0] ?? 0);
    burdens[host] = burden;
  }
  const places = new Int32Array(starts.length);
  for (const [place, host] of hosts.entries()) places[host] = place;
  return hosts.toSorted(
    (a, b) =>
      (burdens[b] ?? 0) - (burdens[a] ?? 0) ||
      (durations[b] ?? 0) - (durations[a] ?? 0) ||
      (places[a] ?? 0) - (places[b] ?? 0),
  );
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
