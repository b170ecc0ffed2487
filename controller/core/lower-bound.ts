import type { HostId } from './fleet.ts';
import type { Group, Plan } from './plan.ts';
import { spansDomains } from './waves.ts';

/** Least time that any dispatch needs to hold these slots one after the other as the budgets demand, and the group that sets it. Null: no slot at all. */
export function lowerBound(
  plan: Plan,
  slotMs: ReadonlyMap<HostId, number>,
): { readonly ms: number; readonly group: string } | null {
  const stages = plan.stages.map((stage) => stageBound(stage.waves.flat(), plan, slotMs)).filter((each) => each.ms > 0);
  const widest = stages.reduce((best, each) => (each.ms > best.ms ? each : best), { ms: 0, group: '' });
  const soak = plan.stages.slice(0, -1).reduce((sum, stage) => sum + stage.soakMs, 0);
  return stages.length === 0 ? null : { ms: stages.reduce((sum, each) => sum + each.ms, soak), group: widest.group };
}

function stageBound(
  hosts: readonly HostId[],
  plan: Plan,
  slotMs: ReadonlyMap<HostId, number>,
): { readonly ms: number; readonly group: string } {
  const timeOf = (host: HostId): number => slotMs.get(host) ?? 0;
  const { atOnce } = plan.change;
  const start = { ms: atOnce === null ? 0 : loadBound(hosts.map(timeOf), atOnce), group: 'atOnce' };
  return plan.groups
    .map((group) => ({ ms: groupBound(hosts, group, timeOf), group: group.name }))
    .reduce((best, each) => (each.ms > best.ms ? each : best), start);
}

/** With one domain at a time the domains' own bounds add up. */
function groupBound(hosts: readonly HostId[], group: Group, timeOf: (host: HostId) => number): number {
  const touched = hosts.filter((host) => host in group.members);
  if (!spansDomains(group)) return loadBound(touched.map(timeOf), group.maxOut);
  const domains = new Map<string, number[]>();
  for (const host of touched) {
    const domain = group.members[host] ?? '';
    domains.set(domain, [...(domains.get(domain) ?? []), timeOf(host)]);
  }
  return [...domains.values()].reduce((sum, times) => sum + loadBound(times, group.maxOut), 0);
}

/** max(sum / budget, longest, d_b + d_(b+1)): with one more host than slots, two of them share a slot. */
function loadBound(times: readonly number[], budget: number): number {
  const sorted = [...times].sort((a, b) => b - a);
  const sum = sorted.reduce((all, each) => all + each, 0);
  const pair = sorted.length > budget ? (sorted[budget - 1] ?? 0) + (sorted[budget] ?? 0) : 0;
  return Math.max(sum / budget, sorted[0] ?? 0, pair);
}
