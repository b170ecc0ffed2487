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
  return known.get(groups) ?? rememberIndex(groups, ...numberHosts(groups));
}

/**
 * Makes the index of groups whose members are known as numbers already; hosts may be in no group. `members`: by group. `domainIn`:
 * the domain of a member of a group with a domain rule; by name, where nobody knows it by number.
 */
export function rememberIndex(
  groups: readonly Group[],
  hostIds: readonly HostId[],
  members: readonly (readonly number[])[],
  domainIn: DomainIn = (group, host) => group.members[hostIds[host] ?? ''] ?? '',
): GroupIndex {
  const index = makeIndex(groups, hostIds, members, domainIn);
  known.set(groups, index);
  return index;
}

type DomainIn = (group: Group, host: number) => string;

function makeIndex(
  groups: readonly Group[],
  hostIds: readonly HostId[],
  membersOf: readonly (readonly number[])[],
  domainIn: DomainIn,
): GroupIndex {
  const starts = startsOf(membersOf, hostIds.length);
  const next = starts.slice();
  const groupOf = new Int32Array(starts[hostIds.length] ?? 0);
  const domainOf = new Int32Array(groupOf.length);
  const missing = new Int32Array(groups.length);
  const domainStarts = new Int32Array(groups.length + 1);
  const groupOfDomain: number[] = [];
  for (const [group, members] of membersOf.entries()) {
    const numberOf = domainNumbers(groups[group], group, groupOfDomain, domainIn);
    for (const host of members) {
      const entry = next[host] ?? 0;
      next[host] = entry + 1;
      groupOf[entry] = group;
      domainOf[entry] = numberOf(host);
    }
    missing[group] = Math.max(0, (groups[group]?.size ?? 0) - members.length);
    domainStarts[group + 1] = groupOfDomain.length;
  }
  let numbers: ReadonlyMap<HostId, number> | null = null;
  return {
    ...{ groups, hostIds, starts, groupOf, domainOf, domainStarts, missing },
    ...{ domainCount: groupOfDomain.length, groupOfDomain: Int32Array.from(groupOfDomain) },
    /** Made when somebody first asks for it: the planner has numbers from the beginning. */
    get numbers() {
      numbers ??= new Map(hostIds.map((id, number) => [id, number]));
      return numbers;
    },
  };
}

/** Numbers the domains of one group as they are met. */
function domainNumbers(
  group: Group | undefined,
  number: number,
  groupOfDomain: number[],
  domainIn: DomainIn,
): (host: number) => number {
  const first = groupOfDomain.length;
  if (group === undefined || group.oneAtATime === null) {
    return () => {
      if (groupOfDomain.length === first) groupOfDomain.push(number);
      return first;
    };
  }
  const numbers = new Map<string, number>();
  return (host) => {
    const domain = domainIn(group, host);
    const found = numbers.get(domain);
    if (found !== undefined) return found;
    numbers.set(domain, groupOfDomain.length);
    return groupOfDomain.push(number) - 1;
  };
}

function numberHosts(groups: readonly Group[]): [readonly HostId[], readonly (readonly number[])[]] {
  const hostIds: HostId[] = [];
  const numbers = new Map<HostId, number>();
  const members = groups.map((group) =>
    Object.keys(group.members).map((id) => {
      const number = numbers.get(id) ?? hostIds.length;
      if (number === hostIds.length) {
        numbers.set(id, number);
        hostIds.push(id);
      }
      return number;
    }),
  );
  return [hostIds, members];
}

function startsOf(membersOf: readonly (readonly number[])[], hosts: number): Int32Array {
  const starts = new Int32Array(hosts + 1);
  for (const members of membersOf) for (const host of members) starts[host + 1] = (starts[host + 1] ?? 0) + 1;
  for (let host = 0; host < hosts; host += 1) starts[host + 1] = (starts[host + 1] ?? 0) + (starts[host] ?? 0);
  return starts;
}
