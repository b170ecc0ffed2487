import type { HostId } from '../fleet.ts';
import type { GroupIndex } from '../group-index.ts';
import type { ServiceOrder } from './sequence.ts';
import { serviceCircle } from './service-circle.ts';

/**
 * Hosts that would wait for themselves for ever, since services that come after each other share them: the shortest such circle, in one
 * line with the change that would help. A host of two services that come after each other is the shortest there is.
 */
export function entangledServices(hosts: Int32Array, index: GroupIndex, order: ServiceOrder): readonly string[] {
  if (order.isEmpty) return [];
  const nameOf = (group: number): string => index.groups[group]?.name ?? '';
  const shared = sharedHosts(hosts, index, order);
  const ways = order.before.flatMap((earlier, later) =>
    earlier.flatMap((group) =>
      [...(shared.get(group) ?? [])].map(([other, host]) => ({
        from: nameOf(later),
        to: nameOf(other),
        because: `${nameOf(later)} comes after ${nameOf(group)}, and ${host} of ${nameOf(group)} is also of ${nameOf(other)}`,
      })),
    ),
  );
  const froms = [...new Set(ways.map(({ from }) => from))];
  const toOf = (name: string): readonly string[] => ways.filter(({ from }) => from === name).map(({ to }) => to);
  const circle = serviceCircle(froms.map((name) => ({ name, after: toOf(name) })));
  if (circle === null) return [];
  const because = circle.map((name, at) => {
    const next = circle[(at + 1) % circle.length];
    return ways.find(({ from, to }) => from === name && to === next)?.because ?? '';
  });
  return [
    `${because.join('; ')}: these hosts would wait for themselves for ever. Take them out of one of their services, or remove the \`after\``,
  ];
}

/** By group that others come after: the groups that come after something and share a host with it, with one such host. */
function sharedHosts(
  hosts: Int32Array,
  { starts, groupOf, hostIds }: GroupIndex,
  { before, after }: ServiceOrder,
): ReadonlyMap<number, ReadonlyMap<number, HostId>> {
  const shared = new Map<number, Map<number, HostId>>();
  for (let place = 0; place < hosts.length; place += 1) {
    const host = hosts[place] ?? 0;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const earlier = groupOf[entry] ?? 0;
      if (after[earlier]?.length === 0) continue;
      for (const other of groupOf.subarray(starts[host], end)) {
        if (before[other]?.length === 0) continue;
        const found = shared.get(earlier) ?? new Map<number, HostId>();
        found.set(other, found.get(other) ?? hostIds[host] ?? '');
        shared.set(earlier, found);
      }
    }
  }
  return shared;
}
