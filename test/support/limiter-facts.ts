import type { LimitedFailure, LimitedHost, LimiterFacts, Limits, LimitsReading } from '../../controller/core/limits.ts';
import { noLimits } from './world-of.ts';

/** Nothing is limited but this. */
export function limited(change: Partial<Limits>): LimitsReading {
  return { kind: 'limits', limits: { ...noLimits, ...change } };
}

/** A host that says itself where it lies. */
export function hostIn(zone: string, rack: string, change: Partial<LimitedHost> = {}): LimitedHost {
  return { labels: { zone, rack }, ownLabels: { zone, rack }, hardwareModel: '', silent: false, ...change };
}

/** Rack names repeat between the zones. */
export const hosts: ReadonlyMap<string, LimitedHost> = new Map([
  ['a1', hostIn('a', 'r1')],
  ['a2', hostIn('a', 'r1')],
  ['a3', hostIn('a', 'r2')],
  ['b1', hostIn('b', 'r1')],
  ['b2', hostIn('b', 'r2')],
  ['b3', hostIn('b', 'r2')],
]);

/** Six hosts in two zones, none of them out. */
export const facts: LimiterFacts = {
  topology: ['zone', 'rack'],
  hosts,
  out: [],
  outHere: [],
  rebootsAt: [],
  failures: [],
  proven: 0,
  goesBack: false,
};

/** The same, but for one host. */
export function changed(host: string, change: Partial<LimitedHost>): LimiterFacts {
  return { ...facts, hosts: new Map([...hosts, [host, { ...(hosts.get(host) ?? hostIn('a', 'r1')), ...change }]]) };
}

export function failure(
  host: string,
  at: number,
  signature = 'apply package-manager-failed',
  rollout = 'r1',
): LimitedFailure {
  return { rollout, host, at, signature };
}
