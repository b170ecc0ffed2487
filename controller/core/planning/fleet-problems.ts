import { durationText } from '../../../lib/duration-text.ts';
import { enumerate } from '../../../lib/enumerate.ts';
import type { Change } from '../change.ts';
import type { Fleet, Host, HostId, Service } from '../fleet.ts';
import type { GroupIndex } from '../group-index.ts';
import type { HostChoice } from '../host-choice.ts';
import type { Group, HostPlan } from '../plan.ts';
import { domainWithoutMajority } from '../quorum.ts';
import { longestFit } from '../window.ts';

/** More hosts than these in one line help nobody. */
const hostsNamed = 6;

/** Everything wrong with the fleet as a whole, each in one line with its fix. */
export function fleetProblems(
  fleet: Fleet,
  hosts: readonly Host[],
  change: Change,
  choice: HostChoice,
): readonly string[] {
  const nobody =
    choice.select(change.where).length === 0
      ? ['`where` of the change selects no host: see `zdms host ls` for labels and ids']
      : [];
  return [
    ...unlabelled(fleet, hosts),
    ...unknownIds(change, choice),
    ...nobody,
    ...fleet.services.flatMap((service) =>
      serviceProblems(
        service,
        choice.select(service.hosts).map((place) => hosts[place]?.id ?? ''),
        choice,
      ),
    ),
    ...unknownLevels(fleet, change),
  ];
}

function unlabelled({ topology }: Fleet, hosts: readonly Host[]): readonly string[] {
  return topology.flatMap((level) => {
    const without = hosts.filter(({ labels }) => (labels[level] ?? '') === '').map(({ id }) => id);
    if (without.length === 0) return [];
    const who = `${enumerate(without, hostsNamed)} ${without.length === 1 ? 'has' : 'have'}`;
    return [`${who} no label \`${level}\`: say \`zdms host label HOST ${level}=...\``];
  });
}

function unknownIds({ where }: Change, choice: HostChoice): readonly string[] {
  if (where.kind !== 'ids') return [];
  return where.ids
    .filter((id) => !choice.has(id))
    .map((id) => `the change names host ${id}, which is not in the fleet`);
}

function unknownLevels({ topology }: Fleet, { stages }: Change): readonly string[] {
  return stages.flatMap(({ pick }) =>
    pick.kind === 'each' && !topology.includes(pick.level)
      ? [`the stages of the change go by ${pick.level}, which is no level of the topology [${topology.join(', ')}]`]
      : [],
  );
}

function serviceProblems(service: Service, members: readonly HostId[], choice: HostChoice): readonly string[] {
  const problems: string[] = [];
  if (members.length === 0) problems.push(`service ${service.name} selects no host: see \`zdms host ls\` for labels`);
  if (members.length > service.size) {
    problems.push(
      `service ${service.name} declares size ${service.size} but has ${members.length} hosts: write size: ${members.length}`,
    );
  }
  for (const id of service.pool?.balancers ?? []) {
    if (!choice.has(id))
      problems.push(
        `service ${service.name} has balancer ${id}, which is not in the fleet: install it with \`zdms host install\``,
      );
    if (members.includes(id))
      problems.push(
        `service ${service.name} has ${id} as a member and as its balancer: it could never be taken out, since nobody would put it back. Give it another balancer`,
      );
  }
  for (const id of service.quorum?.witnesses ?? [])
    if (!members.includes(id)) problems.push(`service ${service.name} names the witness ${id}, which is no host of it`);
  return problems;
}

/**
 * Groups of which no host of the plan could be taken out even when everything serves: their plan would wait for ever. One line for each
 * group, with what is missing and the change that would help.
 */
export function impossibleBudgets(hosts: Int32Array, index: GroupIndex): readonly string[] {
  const isPlanned = new Uint8Array(index.hostIds.length);
  for (let place = 0; place < hosts.length; place += 1) isPlanned[hosts[place] ?? 0] = 1;
  return index.groups.flatMap((group, number) => {
    const missing = index.missing[number] ?? 0;
    if (missing < group.maxOut && group.spareDomains === null) return [];
    const planned = Object.keys(group.members).filter((id) => isPlanned[index.numbers.get(id) ?? -1] === 1);
    if (planned.length === 0) return [];
    if (missing >= group.maxOut) return [budgetProblem(group, missing)];
    const problem = planned.reduce<string | null>((first, host) => first ?? spareProblem(group, host), null);
    return problem === null ? [] : [problem];
  });
}

function budgetProblem({ name, size, maxOut }: Group, missing: number): string {
  const gone = missing === 1 ? 'does not exist and counts as out' : 'do not exist and count as out';
  return `no host of ${name} could ever be taken out: ${missing} of its ${size} hosts ${gone}, and ${maxOut} may be. Install what is missing, or write size: ${size - missing}`;
}

/** With everybody well, would the group without this host outlive the loss of any one domain? */
function spareProblem(group: Group, host: HostId): string | null {
  if (group.spareDomains === null) return null;
  const everybody = { voters: group.size, leader: null, nonVoters: new Set<HostId>() };
  const domain = domainWithoutMajority(group.spareDomains, new Set([host]), everybody);
  if (domain === null) return null;
  const domains = new Set(Object.values(group.spareDomains)).size;
  return `no host like ${host} of ${group.name} could ever be taken out: with it out, the loss of ${domain} would leave no majority of its ${group.size} voters, which stand in ${domains} domains. Write spare: 1, or spread the voters over more domains`;
}

/** Hosts that no maintenance window has room for, in one line. */
export function tooLongForWindows(
  plans: readonly (HostPlan | null)[],
  { policy }: Fleet,
  now: number,
): readonly string[] {
  const fitMs = longestFit(policy.windows, now);
  const tooLong = plans.filter((plan) => plan !== null).filter((plan) => plan.expectedMs > fitMs);
  if (tooLong.length === 0) return [];
  const longestMs = tooLong.reduce((most, { expectedMs }) => Math.max(most, expectedMs), 0);
  const hosts = tooLong.map(({ host }) => host);
  const willBeOut = hosts.length === 1 ? 'it will be out for' : 'they will be out for up to';
  return [
    `${enumerate(hosts, hostsNamed)} could never be taken out: ${willBeOut} ${durationText(longestMs)}, and no maintenance window has room for more than ${durationText(fitMs)}. Make a window longer, or let two of them meet`,
  ];
}
