import type { HostId } from '../fleet.ts';
import { type GroupIndex, indexOf, rememberIndex } from '../group-index.ts';
import type { Group, Plan } from '../plan.ts';
import { least, type Least, timeByGroup } from './bounds.ts';
import { type ServiceOrder, serviceOrder } from './sequence.ts';

/** Name of the group of all hosts of a plan, whose budget is the change's own. */
const atOnceGroup = 'atOnce';

/** An index in which the change's own limit, if there is one, is one more group. Hosts keep the numbers that they have in the index of the groups. */
export function planIndex(groups: readonly Group[], hosts: readonly HostId[], atOnce: number | null): GroupIndex {
  const index = indexOf(groups);
  if (atOnce === null) return index;
  const numbers = new Map(index.numbers);
  for (const host of hosts) if (!numbers.has(host)) numbers.set(host, numbers.size);
  const all: Group = {
    ...{ name: atOnceGroup, services: [], size: hosts.length, maxOut: atOnce, oneAtATime: null, spareDomains: null },
    members: Object.fromEntries(hosts.map((host) => [host, ''])),
  };
  const withAll = [...groups, all];
  const members = withAll.map((group) => Object.keys(group.members).map((host) => numbers.get(host) ?? 0));
  return rememberIndex(withAll, [...numbers.keys()], members);
}

/** Least time that any dispatch needs to hold these slots one after the other as the budgets demand, and the group that sets it. Null: no slot at all. */
export function lowerBound(
  plan: Pick<Plan, 'stages' | 'groups' | 'change' | 'fleet'>,
  slotMs: ReadonlyMap<HostId, number>,
): { readonly ms: number; readonly group: string } | null {
  const hosts = plan.stages.flatMap((stage) => stage.hosts);
  const index = planIndex(plan.groups, hosts, plan.change.atOnce);
  const order = serviceOrder(plan.fleet, index);
  const durations = Float64Array.from(index.hostIds, (host) => slotMs.get(host) ?? 0);
  const bounds = plan.stages.map((stage) => stageBound(stage.hosts, index, order, durations));
  const taken = bounds.filter((each) => each.amount > 0);
  if (taken.length === 0) return null;
  const soak = plan.stages.slice(0, -1).reduce((sum, stage) => sum + stage.soakMs, 0);
  const widest = taken.reduce((best, each) => (each.amount > best.amount ? each : best));
  return { ms: taken.reduce((sum, each) => sum + each.amount, soak), group: widest.group };
}

function stageBound(hosts: readonly HostId[], index: GroupIndex, order: ServiceOrder, durations: Float64Array): Least {
  const numbers = Int32Array.from(hosts, (host) => index.numbers.get(host) ?? -1);
  return least(timeByGroup(numbers, index, order, durations), index);
}
