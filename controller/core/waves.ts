import type { HostId } from './fleet.ts';
import type { Bound, Group } from './plan.ts';

/** Packs hosts, in the order given, into as few waves as first fit finds. Each wave keeps every budget when all else serves. */
export function packWaves(
  hosts: readonly HostId[],
  groups: readonly Group[],
  atOnce: number | null,
): readonly (readonly HostId[])[] {
  const waves: HostId[][] = [];
  for (const host of hosts) {
    const fitting = waves.find((wave) => fits([...wave, host], groups, atOnce));
    if (fitting === undefined) waves.push([host]);
    else fitting.push(host);
  }
  return waves;
}

function fits(wave: readonly HostId[], groups: readonly Group[], atOnce: number | null): boolean {
  if (atOnce !== null && wave.length > atOnce) return false;
  return groups.every((group) => {
    const touched = wave.filter((host) => host in group.members);
    if (touched.length > group.maxOut) return false;
    return !spansDomains(group) || new Set(touched.map((host) => group.members[host])).size <= 1;
  });
}

/** Does `oneAtATime` bind here? With all members in one domain it would only ever allow everything. */
export function spansDomains(group: Group): boolean {
  return group.oneAtATime !== null && new Set(Object.values(group.members)).size >= 2;
}

/** The fewest waves that any order could need for these hosts, and the group that says so. */
export function waveBound(hosts: readonly HostId[], groups: readonly Group[], atOnce: number | null): Bound {
  const limit: Bound =
    atOnce === null
      ? { waves: Math.min(1, hosts.length), group: '' }
      : { waves: Math.ceil(hosts.length / atOnce), group: 'atOnce' };
  return groups
    .map((group) => ({ waves: groupWaves(hosts, group), group: group.name }))
    .reduce((best, each) => (each.waves > best.waves ? each : best), limit);
}

function groupWaves(hosts: readonly HostId[], group: Group): number {
  const touched = hosts.filter((host) => host in group.members);
  if (!spansDomains(group)) return Math.ceil(touched.length / group.maxOut);
  const perDomain = new Map<string, number>();
  for (const host of touched) {
    const domain = group.members[host] ?? '';
    perDomain.set(domain, (perDomain.get(domain) ?? 0) + 1);
  }
  return [...perDomain.values()].reduce((sum, count) => sum + Math.ceil(count / group.maxOut), 0);
}
