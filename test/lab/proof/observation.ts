import { readFileSync } from 'node:fs';
import { getsUsers } from './haproxy-statistics.ts';
import { clip, mergeSpans, mostAtOnce, secondsOf, type Span } from './span.ts';

/** One look at one balancer. */
export interface Reading {
  /** When its answer was there, UTC ms. */
  readonly at: number;
  readonly balancer: string;
  /** Server -> status in HAProxy's words; null: the balancer did not answer. */
  readonly servers: Readonly<Record<string, string>> | null;
}

/** What all readings together show. */
export interface Observation {
  /** From the first reading of the last balancer to begin, to the last reading. */
  readonly whole: Span;
  /** Host -> spans in which any balancer did not send it users. */
  readonly outOf: ReadonlyMap<string, readonly Span[]>;
  /** Spans in which at least one host was out. */
  readonly anyOut: readonly Span[];
  /** Spans in which at least one balancer was not read for more than a second: nothing is known of them. */
  readonly unobserved: readonly Span[];
  /** Lowest share of the servers that all balancers sent users to, percent, rounded down. */
  readonly serversMinPercent: number;
  /** Lowest share of the balancers that answered, percent, rounded down. */
  readonly balancersMinPercent: number;
}

/** A reading says nothing about what is more than this after it, unless another one follows sooner. */
export const gapLimitMs = 1_000;

/** Reads an observer's file. A last line that was cut off is left out. */
export function readReadings(file: string): readonly Reading[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Reading);
}

/**
 * Derives who was out when. `serverCount` is the declared size of the service: a server that no balancer knows is out.
 * Throws Error when a balancer never answered: nothing can be said then.
 */
export function observe(readings: readonly Reading[], serverCount: number): Observation {
  const answered = Object.groupBy(
    readings.filter((reading) => reading.servers !== null),
    (reading) => reading.balancer,
  );
  const balancers = [...new Set(readings.map((reading) => reading.balancer))];
  const timelines = balancers.map((balancer) => (answered[balancer] ?? []).toSorted((a, b) => a.at - b.at));
  const silent = balancers.filter((balancer) => answered[balancer] === undefined);
  if (silent.length > 0 || balancers.length === 0)
    throw new Error(`no balancer, or one that never answered: ${silent.join(', ')}`);
  const whole = {
    from: Math.max(...timelines.map((timeline) => timeline[0]?.at ?? Infinity)),
    to: Math.max(...readings.map((reading) => reading.at)),
  };
  const gaps = timelines.map((timeline) => clip(gapsOf(timeline, whole.to), whole));
  const hosts = [...new Set(readings.flatMap((reading) => Object.keys(reading.servers ?? {})))].toSorted();
  const outOf = new Map(
    hosts.map((host) => [host, mergeSpans(timelines.flatMap((timeline) => clip(outSpans(host, timeline), whole)))]),
  );
  const out = [...outOf.values()];
  return {
    whole,
    outOf,
    anyOut: mergeSpans(out.flat()),
    unobserved: mergeSpans(gaps.flat()),
    serversMinPercent: Math.floor(
      (100 * (serverCount - mostAtOnce(out) - Math.max(0, serverCount - hosts.length))) / serverCount,
    ),
    balancersMinPercent: Math.floor((100 * (balancers.length - mostAtOnce(gaps))) / balancers.length),
  };
}

function gapsOf(timeline: readonly Reading[], end: number): readonly Span[] {
  return timeline
    .map((reading, index) => ({ from: reading.at, to: timeline[index + 1]?.at ?? end }))
    .filter(({ from, to }) => to - from > gapLimitMs);
}

/** A reading holds until the next one; where that is too late it holds for the limit. */
function outSpans(host: string, timeline: readonly Reading[]): readonly Span[] {
  return timeline.flatMap((reading, index) => {
    if (getsUsers(reading.servers?.[host] ?? 'unknown to the balancer')) return [];
    const next = timeline[index + 1]?.at ?? reading.at;
    return [{ from: reading.at, to: Math.min(next, reading.at + gapLimitMs) }];
  });
}

/** How long the host was out, seconds; 0 for a host that never was. */
export function outSeconds(observation: Observation, host: string): number {
  return secondsOf(observation.outOf.get(host) ?? []);
}
