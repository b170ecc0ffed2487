import type { GroupIndex } from '../group-index.ts';

/**
 * Hosts of the same groups and domains are of one kind: whatever refuses one of them refuses all, and only their own order tells who goes
 * first. A fleet has far fewer kinds than hosts, so that the planner asks and ranks kinds.
 */
export interface HostKinds {
  readonly index: GroupIndex;
  readonly hosts: Int32Array;
  /** By host number; -1 for hosts that were not asked for. */
  readonly kindOf: Int32Array;
  /** By kind: one of its hosts, which stands for all. */
  readonly hostOf: Int32Array;
  /** By kind: how many hosts are of it. */
  readonly sizeOf: Int32Array;
}

const none = -1;

/** The kinds of these hosts, by a hash table that is at most half full. */
export function hostKinds(hosts: Int32Array, index: GroupIndex): HostKinds {
  const kindOf = new Int32Array(index.hostIds.length).fill(none);
  const hostOf = new Int32Array(hosts.length);
  const sizeOf = new Int32Array(hosts.length);
  let count = 0;
  const mask = 2 ** Math.ceil(Math.log2(2 * hosts.length + 1)) - 1;
  const table = new Int32Array(mask + 1).fill(none);
  for (let at = 0; at < hosts.length; at += 1) {
    const host = hosts[at] ?? 0;
    let slot = hashOf(host, index) & mask;
    let kind = table[slot] ?? none;
    while (kind !== none && !areAlike(host, hostOf[kind] ?? 0, index)) {
      slot = (slot + 1) & mask;
      kind = table[slot] ?? none;
    }
    if (kind === none) {
      kind = count++;
      hostOf[kind] = host;
      table[slot] = kind;
    }
    kindOf[host] = kind;
    sizeOf[kind] = (sizeOf[kind] ?? 0) + 1;
  }
  return { index, hosts, kindOf, hostOf: hostOf.slice(0, count), sizeOf: sizeOf.slice(0, count) };
}

/** No two groups share a domain, so that the domains say which groups they are. */
function hashOf(host: number, { starts, domainOf }: GroupIndex): number {
  const end = starts[host + 1] ?? 0;
  let hash = 0;
  for (let entry = starts[host] ?? 0; entry < end; entry += 1)
    hash = Math.imul((hash ^ (domainOf[entry] ?? 0)) + 1, 0x9e3779b1) ^ (hash >>> 15);
  return hash >>> 8;
}

function areAlike(one: number, other: number, { starts, domainOf }: GroupIndex): boolean {
  const from = starts[one] ?? 0;
  const length = (starts[one + 1] ?? 0) - from;
  const otherFrom = starts[other] ?? 0;
  if ((starts[other + 1] ?? 0) - otherFrom !== length) return false;
  for (let at = 0; at < length; at += 1) if (domainOf[from + at] !== domainOf[otherFrom + at]) return false;
  return true;
}
