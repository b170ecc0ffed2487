import { Domains } from './domains.ts';
import type { Fleet, Host, HostId, Service, SharedBudget } from './fleet.ts';
import { rememberIndex } from './group-index.ts';
import { HostChoice } from './host-choice.ts';
import type { Group } from './plan.ts';

/** Name of the group of hosts that serve nothing we know of: one of them at a time, fleet-wide. */
export const noServiceGroup = '(no service)';

/** The hardware model of a host, as its agent reported it; '' where unknown. `place`: its place in the list of hosts. */
export type ModelOf = (host: HostId, place: number) => string;

/** The sets of hosts under one disruption budget: one for each service and each shared budget, and one for the hosts in no service. */
export function groupsOf(
  fleet: Fleet,
  hosts: readonly Host[],
  modelOf: ModelOf,
  choice = new HostChoice(hosts),
): readonly Group[] {
  const services = new Map(fleet.services.map((service) => [service.name, choice.select(service.hosts)]));
  const sizes = new Map(fleet.services.map((service) => [service.name, service.size]));
  const members: (readonly number[])[] = [...services.values()];
  const groups = fleet.services.map(serviceGroup);
  const together = unions(hosts.length, services);
  const byModel = fleet.budgets.some(({ over }) => over.kind === 'model') ? placesByModel(hosts, modelOf) : null;
  for (const budget of fleet.budgets) {
    const places =
      budget.over.kind === 'model' ? (byModel?.get(budget.over.model) ?? []) : together(budget.over.services);
    members.push(places);
    groups.push(budgetGroup(budget, places.length + missingOf(budget, sizes, services)));
  }
  const others = inNoService(hosts, services);
  if (others.length > 0) {
    members.push(others);
    groups.push({ ...restGroup, size: others.length });
  }
  return withMembers(groups, members, fleet, hosts);
}

/** A group before its members are filled in. `spareLevel`: a quorum group has to outlive a domain of that level. */
type Outline = Omit<Group, 'members' | 'spareDomains'> & { readonly spareLevel: string | null };

function serviceGroup({ name, size, maxOut, oneAtATime, quorum }: Service): Outline {
  const spare = quorum?.spare ?? null;
  return { name, services: [name], size, maxOut, oneAtATime, spareLevel: typeof spare === 'string' ? spare : null };
}

function budgetGroup({ name, over, maxOut, oneAtATime }: SharedBudget, size: number): Outline {
  const services = over.kind === 'services' ? over.services : [];
  return { name, services, size, maxOut, oneAtATime, spareLevel: null };
}

const restGroup: Outline = {
  ...{ name: noServiceGroup, services: [], size: 0, maxOut: 1, oneAtATime: null, spareLevel: null },
};

type Places = ReadonlyMap<string, readonly number[]>;

/** Answers which hosts are in any of some services, each once. */
function unions(hosts: number, services: Places): (names: readonly string[]) => readonly number[] {
  /** By place: the last answer that has the host. */
  const lastIn = new Int32Array(hosts);
  let answer = 0;
  return (names) => {
    const members: number[] = [];
    answer += 1;
    for (const name of names) {
      for (const place of services.get(name) ?? []) {
        if (lastIn[place] === answer) continue;
        lastIn[place] = answer;
        members.push(place);
      }
    }
    return members;
  };
}

/** What a service declares and does not have is missing in every budget over it, too. */
function missingOf({ over }: SharedBudget, sizes: ReadonlyMap<string, number>, services: Places): number {
  if (over.kind === 'model') return 0;
  return over.services.reduce(
    (sum, name) => sum + Math.max(0, (sizes.get(name) ?? 0) - (services.get(name)?.length ?? 0)),
    0,
  );
}

function placesByModel(hosts: readonly Host[], modelOf: ModelOf): Places {
  const models = new Map<string, number[]>();
  for (const [place, host] of hosts.entries()) {
    const model = modelOf(host.id, place);
    const alike = models.get(model);
    if (alike === undefined) models.set(model, [place]);
    else alike.push(place);
  }
  return models;
}

function inNoService(hosts: readonly Host[], services: Places): readonly number[] {
  const served = new Uint8Array(hosts.length);
  for (const places of services.values()) for (const place of places) served[place] = 1;
  return hosts.map((_host, place) => place).filter((place) => served[place] === 0);
}

/** The same members as numbers for the index, which need not be worked out again, and as names for whoever asks. */
function withMembers(
  outlines: readonly Outline[],
  members: readonly (readonly number[])[],
  fleet: Fleet,
  hosts: readonly Host[],
): readonly Group[] {
  const ids = hosts.map((host) => host.id);
  const domains = new Domains(fleet.topology, hosts);
  const groups = outlines.map(({ spareLevel, ...outline }, number): Group => {
    const namesAt = (level: string | null): Names => names(members[number] ?? [], ids, domains.at(level));
    let all: Names | undefined;
    let spare: Names | null | undefined;
    // Made when somebody first asks: the planner has the numbers, and the names of a large fleet take longer than its waves.
    return {
      ...outline,
      get members() {
        return (all ??= namesAt(outline.oneAtATime));
      },
      get spareDomains() {
        if (spare === undefined) spare = spareLevel === null ? null : namesAt(spareLevel);
        return spare;
      },
    };
  });
  rememberIndex(groups, ids, members, ({ oneAtATime }, place) => domains.at(oneAtATime)[place] ?? '');
  return groups;
}

type Names = Readonly<Record<HostId, string>>;

/** Host id -> domain. */
function names(places: readonly number[], ids: readonly HostId[], domains: readonly string[]): Names {
  // Born as a dictionary: with thousands of members it becomes one anyway, by way of a hidden class for each of the first.
  const found = Object.setPrototypeOf(Object.create(null), Object.prototype) as Record<HostId, string>;
  for (const place of places) found[ids[place] ?? ''] = domains[place] ?? '';
  return found;
}
