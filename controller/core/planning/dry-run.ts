import { type DispatchOptions, Dispatcher } from './dispatcher.ts';
import { KeyedHeap } from './keyed-heap.ts';

/** How a dispatch would go: how long it takes, and how often a host was asked for. */
export interface DryRun {
  readonly makespanMs: number;
  readonly tries: number;
}

/** Plays the dispatch of these hosts, in priority, with the time that each holds its slot (ms by host number). */
export function dryRun(hosts: Int32Array, options: DispatchOptions, durations: Float64Array): DryRun {
  const dispatcher = new Dispatcher(hosts, options);
  const out = new KeyedHeap(options.kinds.kindOf.length);
  let now = 0;
  const taken: number[] = [];
  dispatcher.begin(taken);
  for (;;) {
    for (const host of taken) out.set(host, now + (durations[host] ?? 0));
    if (out.first === KeyedHeap.none) return { makespanMs: now, tries: dispatcher.tries };
    now = out.firstKey;
    const next = out.pop();
    taken.length = 0;
    dispatcher.ended(next, taken);
  }
}
