import { enumerate } from '../../../lib/enumerate.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { Change } from '../change.ts';
import type { Fleet, Host, HostId } from '../fleet.ts';
import { domainOf, groupsOf } from '../group.ts';
import type { GroupIndex } from '../group-index.ts';
import { HostChoice } from '../host-choice.ts';
import type { Inventory, InventoryEntry } from '../inventory.ts';
import type { Bound, DispatchRule, HostPlan, PlanBody } from '../plan.ts';
import { entangledServices } from './entangled-services.ts';
import { type ExpectedTime, guessedTime } from './expected-time.ts';
import { fleetProblems, impossibleBudgets } from './fleet-problems.ts';
import { freezeHosts, type FrozenHost, surveyAge } from './freeze-hosts.ts';
import { atOnceGroup, planIndex } from './lower-bound.ts';
import { naturalKey } from './natural-order.ts';
import { type OrderedStage, orderStage } from './order-stage.ts';
import { type PickedStage, pickStages } from './pick-stages.ts';
import { type ServiceOrder, serviceOrder } from './sequence.ts';

/** A survey older than this is worth a warning (ms). */
const surveyWarnMs = 24 * 3_600_000;

/**
 * The immutable answer to fleet + inventory + change, without its hash. Pure; changes nothing. `expected`: how long hosts will hold
 * their slots, by what is known of hosts like them.
 * Throws ZdmsError (ZDMS_PLAN_IMPOSSIBLE) that lists everything that is wrong with the fleet, as against single hosts, which are left out with a reason.
 */
export function makePlan(
  fleet: Fleet,
  inventory: Inventory,
  change: Change,
  now: number,
  expected: ExpectedTime = guessedTime,
): PlanBody {
  const hosts = inventory.map((entry) => entry.host);
  const entries = new Map(inventory.map((entry) => [entry.host.id, entry]));
  const choice = new HostChoice(hosts);
  refuse(fleetProblems(fleet, hosts, change, choice));
  const modelOf = (host: HostId): string => entries.get(host)?.report?.hardwareModel ?? '';
  const groups = groupsOf(fleet, hosts, modelOf);
  const selected = byDomain(fleet, choice.select(change.where));
  const index = planIndex(
    groups,
    selected.map((host) => host.id),
    change.atOnce,
  );
  const frozen = freezeHosts(selected, (host) => entries.get(host), change, index, fleet, expected, now);
  const planned = frozen.filter((entry) => 'plan' in entry);
  const plans = new Map(planned.map(({ plan }) => [plan.host, plan]));
  const numbers = Int32Array.from(plans.keys(), (host) => index.numbers.get(host) ?? 0);
  const order = serviceOrder(fleet, index);
  refuse(entangledServices(numbers, index, order));
  refuse(impossibleBudgets(numbers, index));
  const picked = pickStages(numbers, change.stages, stageFacts(fleet, index, entries));
  const staged = orderStages(order, index, picked.stages, plans);
  return {
    createdAt: now,
    fleet,
    change,
    ...stagesOf(picked.stages, staged, index, plans),
    leftOut: frozen.filter((entry) => 'reason' in entry),
    groups,
    bound: planBound(staged, picked.stages, change),
    dispatch: { rule: staged.rule, expectedMs: staged.expectedMs + soakBetween(picked.stages) },
    warnings: [...picked.warnings, ...surveyWarnings(planned, entries, now), ...unknownWarnings(planned)],
  };
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new ZdmsError(
    'ZDMS_PLAN_IMPOSSIBLE',
    problems.join('\n'),
    'Mend the fleet file, the change file or the labels (`zdms host ls`), then plan again.',
  );
}

/** Hosts of one domain stay together, so that whole domains are finished one after the other; natural order within. */
function byDomain(fleet: Fleet, hosts: readonly Host[]): readonly Host[] {
  const innermost = fleet.topology.at(-1);
  return hosts
    .map((host) => {
      const domain = innermost === undefined ? '' : domainOf(fleet.topology, innermost, host);
      return { host, key: `${naturalKey(domain)} ${naturalKey(host.id)}` };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ host }) => host);
}

/** What stands for a kind of host in a diverse canary: operating system, hardware model, services. */
function stageFacts(
  fleet: Fleet,
  index: GroupIndex,
  entries: ReadonlyMap<HostId, InventoryEntry>,
): Parameters<typeof pickStages>[2] {
  const services = new Set(fleet.services.map((service) => service.name));
  const entryOf = (host: number): InventoryEntry | undefined => entries.get(index.hostIds[host] ?? '');
  return {
    index,
    kindOf: (host) => {
      const groups = [...index.groupOf.subarray(index.starts[host], index.starts[host + 1])];
      const roles = groups.map((group) => index.groups[group]?.name ?? '').filter((name) => services.has(name));
      const report = entryOf(host)?.report;
      return [report?.os ?? '', report?.hardwareModel ?? '', ...roles].filter((part) => part !== '').join(', ');
    },
    domainOf: (host, level) => {
      const entry = entryOf(host);
      return entry === undefined ? '' : domainOf(fleet.topology, level, entry.host);
    },
  };
}

interface StagedPlan {
  readonly stages: readonly OrderedStage[];
  readonly rule: DispatchRule;
  readonly expectedMs: number;
}

/** Both rules are played on the expected durations; the one that takes less time over all stages is the plan's. */
function orderStages(
  order: ServiceOrder,
  index: GroupIndex,
  picked: readonly PickedStage[],
  plans: ReadonlyMap<HostId, HostPlan>,
): StagedPlan {
  const durations = Float64Array.from(index.hostIds, (host) => plans.get(host)?.expectedMs ?? 0);
  const stages = picked.map((stage) => orderStage(stage.hosts, index, order, durations));
  const totalOf = (rule: DispatchRule): number => stages.reduce((sum, each) => sum + each.byRule[rule].expectedMs, 0);
  const rule = totalOf('burden') < totalOf('waves') ? 'burden' : 'waves';
  return { stages, rule, expectedMs: totalOf(rule) };
}

function stagesOf(
  picked: readonly PickedStage[],
  { stages, rule }: StagedPlan,
  index: GroupIndex,
  plans: ReadonlyMap<HostId, HostPlan>,
): Pick<PlanBody, 'stages' | 'hosts'> {
  const idsOf = (hosts: Int32Array): readonly HostId[] => Array.from(hosts, (host) => index.hostIds[host] ?? '');
  const named = stages.map((stage, at) => ({
    name: picked[at]?.name ?? '',
    soakMs: picked[at]?.soakMs ?? 0,
    hosts: idsOf(stage.byRule[rule].hosts),
    waves: stage.waves.map(idsOf),
  }));
  const hosts = named.flatMap((stage) =>
    stage.hosts.map((host) => plans.get(host)).filter((each) => each !== undefined),
  );
  return { stages: named, hosts };
}

/** Stages come one after the other, so their bounds add up; the group of the largest part is the one to show. */
function planBound({ stages }: StagedPlan, picked: readonly PickedStage[], { atOnce }: Change): Bound {
  const bounds = stages.map((stage) => stage.bound);
  const none: Bound = { waves: 0, group: '', ms: 0, msGroup: '' };
  const byWaves = bounds.reduce((best, each) => (each.waves > best.waves ? each : best), none);
  const byTime = bounds.reduce((best, each) => (each.ms > best.ms ? each : best), none);
  // Without a limit of the change its group holds everybody, and sets nothing that anybody could change.
  const shown = (group: string): string => (atOnce === null && group === atOnceGroup ? '' : group);
  return {
    waves: bounds.reduce((sum, each) => sum + each.waves, 0),
    group: shown(byWaves.group),
    ms: bounds.reduce((sum, each) => sum + each.ms, 0) + soakBetween(picked),
    msGroup: shown(byTime.msGroup),
  };
}

function soakBetween(stages: readonly PickedStage[]): number {
  return stages.slice(0, -1).reduce((sum, stage) => sum + stage.soakMs, 0);
}

type Planned = Extract<FrozenHost, { plan: HostPlan }>;

/** By package, since the same one is mostly unknown to a whole kind of host. */
function unknownWarnings(planned: readonly Planned[]): readonly string[] {
  const hostsOf = new Map<string, HostId[]>();
  for (const { plan, unknown } of planned)
    for (const name of unknown) hostsOf.set(name, [...(hostsOf.get(name) ?? []), plan.host]);
  return [...hostsOf].map(
    ([name, hosts]) =>
      `${name} is not installed on ${enumerate(hosts, 6)}, or not on offer there: only the other packages change there`,
  );
}

function surveyWarnings(
  planned: readonly Planned[],
  entries: ReadonlyMap<HostId, InventoryEntry>,
  now: number,
): readonly string[] {
  return planned.flatMap(({ plan: { host } }) => {
    const entry = entries.get(host);
    const survey = entry?.report?.survey ?? null;
    if (entry === undefined || survey === null) return [];
    const age = surveyAge(entry, survey, now);
    return [
      ...(age > surveyWarnMs ? [`${host} was surveyed ${Math.round(age / 3_600_000)} h ago: versions may be old`] : []),
      ...(survey.error === '' ? [] : [`the survey of ${host} is not complete: ${survey.error}`]),
    ];
  });
}
