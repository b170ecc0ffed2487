import { type Fleet, type Host, type HostId, selectHosts } from './fleet.ts';
import type { Group } from './plan.ts';

/** Name of the group of hosts that serve nothing we know of: one of them at a time, fleet-wide. */
export const noServiceGroup = '(no service)';

/** The sets of hosts under one disruption budget: one for each service, and one for the hosts in no service. */
export function groupsOf(fleet: Fleet, hosts: readonly Host[]): readonly Group[] {
  const serviceGroups = fleet.services.map((service): Group => {
    const members = selectHosts(service.hosts, hosts);
    return {
      name: service.name,
      size: service.size,
      maxOut: service.maxOut,
      oneAtATime: service.oneAtATime,
      members: memberDomains(fleet.topology, service.oneAtATime, members),
    };
  });
  const served = new Set(serviceGroups.flatMap((group) => Object.keys(group.members)));
  const others = hosts.filter((host) => !served.has(host.id));
  if (others.length === 0) return serviceGroups;
  const rest: Group = {
    name: noServiceGroup,
    size: others.length,
    maxOut: 1,
    oneAtATime: null,
    members: memberDomains(fleet.topology, null, others),
  };
  return [...serviceGroups, rest];
}

function memberDomains(
  topology: readonly string[],
  level: string | null,
  members: readonly Host[],
): Record<HostId, string> {
  return Object.fromEntries(members.map((host) => [host.id, level === null ? '' : domainOf(topology, level, host)]));
}

/** The domain of a host at a level, from the outermost on ("b/b2"), since rack names may repeat between zones. */
export function domainOf(topology: readonly string[], level: string, host: Host): string {
  return topology
    .slice(0, topology.indexOf(level) + 1)
    .map((each) => host.labels[each] ?? '?')
    .join('/');
}
