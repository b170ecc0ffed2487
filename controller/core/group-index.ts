import type { HostId } from './fleet.ts';
import type { Group } from './plan.ts';

/** Groups in numbers, for questions that are asked of many hosts: which groups a host is a member of, and in which domain of each. */
export interface GroupIndex {
  readonly groups: readonly Group[];
  readonly hostIds: readonly HostId[];
  readonly numbers: ReadonlyMap<HostId, number>;
  /** The memberships of host n are entries `starts[n]` to `starts[n + 1] - 1` of the next two. */
  readonly starts: Int32Array;
  readonly groupOf: Int32Array;
  /** Counted over all groups, so that no two groups share a number; without a domain rule all members lie in one. */
  readonly domainOf: Int32Array;
  readonly domainCount: number;
  /** The domains of group g are `domainStarts[g]` to `domainStarts[g + 1] - 1`. */
  readonly domainStarts: Int32Array;
  readonly groupOfDomain: Int32Array;
  /** By group: how many are declared and do not exist. */
  readonly missing: Int32Array;
}

const known = new WeakMap<readonly Group[], GroupIndex>();

/** The index of these groups; made once for each array of groups, which nobody changes. */
export function indexOf(groups: readonly Group[]): GroupIndex {
  const found = known.get(groups);
  if (found !== undefined) return found;
  const made = makeIndex(groups);
  known.set(groups, made);
  return made;
}

function makeIndex(groups: readonly Group[]): GroupIndex {
  const { hostIds, numbers, counts } = numberHosts(groups);
  const starts = new Int32Array(hostIds.length + 1);
  for (let host = 0; host < hostIds.length; host += 1) starts[host + 1] = (starts[host] ?? 0) + (counts[host] ?? 0);
  const entries = starts[hostIds.length] ?? 0;
  const next = starts.slice();
  const groupOf = new Int32Array(entries);
  const domainOf = new Int32Array(entries);
  const missing = new Int32Array(groups.length);
  const domainStarts = new Int32Array(groups.length + 1);
  const groupOfDomain: number[] = [];
  for (const [group, { members, size, oneAtATime }] of groups.entries()) {
    let count = 0;
    const domains = new Map<string, number>();
    for (const id of Object.keys(members)) {
      count += 1;
      const host = numbers.get(id) ?? 0;
      const domain = oneAtATime === null ? '' : (members[id] ?? '');
      const number = domains.get(domain) ?? groupOfDomain.length;
      if (number === groupOfDomain.length) {
        domains.set(domain, number);
        groupOfDomain.push(group);
      }
      const entry = next[host] ?? 0;
      next[host] = entry + 1;
      groupOf[entry] = group;
      domainOf[entry] = number;
    }
    missing[group] = Math.max(0, size - count);
    domainStarts[group + 1] = groupOfDomain.length;
  }
  return {
    ...{ groups, hostIds, numbers, starts, groupOf, domainOf, domainStarts, missing },
    ...{ domainCount: groupOfDomain.length, groupOfDomain: Int32Array.from(groupOfDomain) },
  };
}

function numberHosts(groups: readonly Group[]): {
  readonly hostIds: readonly HostId[];
  readonly numbers: ReadonlyMap<HostId, number>;
  readonly counts: readonly number[];
} {
  const hostIds: HostId[] = [];
  const numbers = new Map<HostId, number>();
  const counts: number[] = [];
  for (const { members } of groups) {
    for (const id of Object.keys(members)) {
      const host = numbers.get(id) ?? hostIds.length;
      if (host === hostIds.length) {
        numbers.set(id, host);
        hostIds.push(id);
        counts.push(0);
      }
      counts[host] = (counts[host] ?? 0) + 1;
    }
  }
  return { hostIds, numbers, counts };
}
