import type { Fleet, Host, HostId, Service, SharedBudget } from './fleet.ts';
import { HostChoice } from './host-choice.ts';
import type { Group } from './plan.ts';

/** Name of the group of hosts that serve nothing we know of: one of them at a time, fleet-wide. */
export const noServiceGroup = '(no service)';

/** The hardware model of a host, as its agent reported it; '' where unknown. */
export type ModelOf = (host: HostId) => string;

/** The sets of hosts under one disruption budget: one for each service and each shared budget, and one for the hosts in no service. */
export function groupsOf(fleet: Fleet, hosts: readonly Host[], modelOf: ModelOf): readonly Group[] {
  const choice = new HostChoice(hosts);
  const served = new Map(fleet.services.map((service) => [service.name, choice.select(service.hosts)]));
  const groups = [
    ...fleet.services.map((service) => serviceGroup(fleet, service, served.get(service.name) ?? [])),
    ...fleet.budgets.map((budget) => budgetGroup(fleet, budget, hosts, served, modelOf)),
  ];
  const inService = new Set([...served.values()].flatMap((members) => members.map((host) => host.id)));
  const others = hosts.filter((host) => !inService.has(host.id));
  return others.length === 0 ? groups : [...groups, restGroup(fleet, others)];
}

function serviceGroup(fleet: Fleet, service: Service, members: readonly Host[]): Group {
  const spare = service.quorum?.spare ?? null;
  return {
    name: service.name,
    services: [service.name],
    size: service.size,
    maxOut: service.maxOut,
    oneAtATime: service.oneAtATime,
    members: memberDomains(fleet.topology, service.oneAtATime, members),
    spareDomains: typeof spare === 'string' ? memberDomains(fleet.topology, spare, members) : null,
  };
}

/** What a service declares and does not have is missing in every budget over it, too. */
function budgetGroup(
  fleet: Fleet,
  { name, over, maxOut, oneAtATime }: SharedBudget,
  hosts: readonly Host[],
  served: ReadonlyMap<string, readonly Host[]>,
  modelOf: ModelOf,
): Group {
  const services = fleet.services.filter((each) => over.kind === 'services' && over.services.includes(each.name));
  const members =
    over.kind === 'model'
      ? hosts.filter((host) => modelOf(host.id) === over.model)
      : [...new Set(services.flatMap((service) => served.get(service.name) ?? []))];
  const missing = services.map((service) => Math.max(0, service.size - (served.get(service.name)?.length ?? 0)));
  return {
    name,
    services: services.map((service) => service.name),
    size: members.length + missing.reduce((sum, each) => sum + each, 0),
    maxOut,
    oneAtATime,
    members: memberDomains(fleet.topology, oneAtATime, members),
    spareDomains: null,
  };
}

function restGroup(fleet: Fleet, others: readonly Host[]): Group {
  return {
    ...{ name: noServiceGroup, services: [], size: others.length, maxOut: 1, oneAtATime: null },
    members: memberDomains(fleet.topology, null, others),
    spareDomains: null,
  };
}

function memberDomains(
  topology: readonly string[],
  level: string | null,
  members: readonly Host[],
): Readonly<Record<HostId, string>> {
  const domains: Record<HostId, string> = {};
  for (const host of members) domains[host.id] = level === null ? '' : domainOf(topology, level, host);
  return domains;
}

/** The domain of a host at a level, from the outermost on ("b/b2"), since rack names may repeat between zones. */
export function domainOf(topology: readonly string[], level: string, host: Host): string {
  const depth = topology.indexOf(level);
  let domain = host.labels[topology[0] ?? ''] ?? '?';
  for (let index = 1; index <= depth; index += 1) domain += `/${host.labels[topology[index] ?? ''] ?? '?'}`;
  return domain;
}
