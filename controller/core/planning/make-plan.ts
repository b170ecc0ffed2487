import { enumerate } from '../../../lib/enumerate.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { Change } from '../change.ts';
import type { Fleet, Host, HostId } from '../fleet.ts';
import { Domains } from '../domains.ts';
import { groupsOf } from '../group.ts';
import { type GroupIndex, indexOf } from '../group-index.ts';
import { HostChoice } from '../host-choice.ts';
import type { Inventory } from '../inventory.ts';
import type { Bound, ClosedCve, DispatchRule, HostPlan, PlanBody } from '../plan.ts';
import { nothingQuarantined } from '../quarantine.ts';
import { driftWarnings } from './drift-warnings.ts';
import { entangledServices } from './entangled-services.ts';
import { guessedTime } from './expected-time.ts';
import { fleetProblems, impossibleBudgets, tooLongForWindows } from './fleet-problems.ts';
import { firmwareWarnings } from './firmware-warnings.ts';
import { freezeHosts, type FrozenHosts, type PlanKnowledge } from './freeze-hosts.ts';
import { planIndex } from './lower-bound.ts';
import { compareNaturally, sortedNaturally } from './natural-order.ts';
import { type OrderedStage, orderStage } from './order-stage.ts';
import { type PickedStage, pickStages, type StageFacts } from './pick-stages.ts';
import { type ServiceOrder, serviceOrder } from './sequence.ts';
import { nothingToUndo, type Undos } from './undo.ts';

const knownToNobody: PlanKnowledge = {
  expected: guessedTime,
  rebootDeadline: () => null,
  undos: nothingToUndo,
  quarantine: nothingQuarantined,
};

/**
 * The immutable answer to fleet + inventory + change, without its hash. Pure; changes nothing. `known`: what stands in journals and
 * in the store besides.
 * Throws ZdmsError (ZDMS_PLAN_IMPOSSIBLE) that lists everything that is wrong with the fleet, as against single hosts, which are left out with a reason.
 */
export function makePlan(
  fleet: Fleet,
  inventory: Inventory,
  change: Change,
  now: number,
  known: Partial<PlanKnowledge> = {},
): PlanBody {
  const knowledge: PlanKnowledge = { ...knownToNobody, ...known };
  const hosts = inventory.map((entry) => entry.host);
  const choice = new HostChoice(hosts);
  refuse(fleetProblems(fleet, hosts, change, choice));
  const groups = groupsOf(fleet, hosts, (_host, place) => inventory[place]?.report?.hardwareModel ?? '', choice);
  const selected = byDomain(fleet, hosts, selectedBy(change, choice, hosts, knowledge.undos));
  const index = planIndex(groups, namesOf(selected, indexOf(groups).hostIds), change.atOnce);
  const frozen = freezeHosts(selected, inventory, change, index, fleet, { ...knowledge, now });
  const { places: numbers, plans } = frozen;
  const order = serviceOrder(fleet, index);
  refuse(entangledServices(numbers, index, order));
  refuse([...impossibleBudgets(numbers, index), ...tooLongForWindows(plans, fleet, now)]);
  const picked = pickStages(numbers, change.stages, stageFacts(fleet, index, inventory));
  const staged = orderStages(order, index, picked.stages, plans, change.barrier);
  return {
    createdAt: now,
    fleet,
    change,
    ...stagesOf(picked.stages, staged, index, plans),
    leftOut: frozen.leftOut,
    groups,
    bound: planBound(staged, picked.stages),
    dispatch: { rule: staged.rule, expectedMs: staged.expectedMs + soakBetween(picked.stages) },
    warnings: [
      ...picked.warnings,
      ...firmwareWarnings(change, picked.stages, plans, inventory),
      ...driftWarnings(change, plans, inventory),
      ...frozen.warnings,
      ...packageWarnings(frozen),
    ],
    ...('cves' in change.packages ? { closes: closedBy(frozen) } : {}),
  };
}

function closedBy({ closes }: FrozenHosts): readonly ClosedCve[] {
  return [...closes].map(([cve, hosts]) => ({ cve, hosts })).toSorted((a, b) => (a.cve < b.cve ? -1 : 1));
}

/** Hosts that a rollout did not get to are none of its way back, unless somebody names them: then the plan says why they are left out. */
function selectedBy(
  { where, packages }: Change,
  choice: HostChoice,
  hosts: readonly Host[],
  undos: Undos,
): readonly number[] {
  const places = choice.select(where);
  return 'undo' in packages && where.kind === 'all'
    ? places.filter((place) => undos.has(hosts[place]?.id ?? ''))
    : places;
}

function namesOf(places: Int32Array, ids: readonly HostId[]): readonly HostId[] {
  const names = new Array<HostId>(places.length);
  for (let at = 0; at < places.length; at += 1) names[at] = ids[places[at] ?? 0] ?? '';
  return names;
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new ZdmsError(
    'ZDMS_PLAN_IMPOSSIBLE',
    problems.join('\n'),
    'Mend the fleet file, the change file or the labels (`zdms host ls`), then plan again.',
  );
}

/** Hosts of one domain stay together, so that whole domains are finished one after the other; natural order within. By places. */
function byDomain({ topology }: Fleet, hosts: readonly Host[], places: readonly number[]): Int32Array {
  const domainOf = new Domains(topology, hosts).at(topology.at(-1) ?? null);
  const domains = new Map<string, number[]>();
  for (const place of places) {
    const domain = domainOf[place] ?? '';
    const there = domains.get(domain) ?? [];
    if (there.length === 0) domains.set(domain, there);
    there.push(place);
  }
  const inOrder = [...domains].sort(([a], [b]) => compareNaturally(a, b));
  return Int32Array.from(inOrder.flatMap(([, there]) => sortedNaturally(there, (place) => hosts[place]?.id ?? '')));
}

/** What stands for a kind of host in a diverse canary: operating system, hardware model, services. */
function stageFacts(fleet: Fleet, index: GroupIndex, inventory: Inventory): StageFacts {
  const services = new Set(fleet.services.map((service) => service.name));
  const domains = new Domains(
    fleet.topology,
    inventory.map((entry) => entry.host),
  );
  return {
    index,
    kindOf: (place) => {
      const groups = [...index.groupOf.subarray(index.starts[place], index.starts[place + 1])];
      const roles = groups.map((group) => index.groups[group]?.name ?? '').filter((name) => services.has(name));
      const report = inventory[place]?.report;
      return [report?.os ?? '', report?.hardwareModel ?? '', ...roles].filter((part) => part !== '').join(', ');
    },
    domainOf: (place, level) => domains.at(level)[place] ?? '',
  };
}

interface StagedPlan {
  readonly stages: readonly OrderedStage[];
  readonly rule: DispatchRule;
  readonly expectedMs: number;
}

/**
 * Both rules are played on the expected durations; the one that takes less time over all stages is the plan's. With a barrier there is
 * nothing to play: each wave takes as long as its longest host.
 */
function orderStages(
  order: ServiceOrder,
  index: GroupIndex,
  picked: readonly PickedStage[],
  plans: FrozenHosts['plans'],
  barrier: boolean,
): StagedPlan {
  const durations = new Float64Array(index.hostIds.length);
  plans.forEach((plan, place) => (durations[place] = plan?.expectedMs ?? 0));
  const stages = picked.map((stage) => orderStage(stage.hosts, index, order, durations));
  if (barrier) return { stages, rule: 'waves', expectedMs: waveByWave(stages, durations) };
  const totalOf = (rule: DispatchRule): number => stages.reduce((sum, each) => sum + each.byRule[rule].expectedMs, 0);
  const rule = totalOf('burden') < totalOf('waves') ? 'burden' : 'waves';
  return { stages, rule, expectedMs: totalOf(rule) };
}

function waveByWave(stages: readonly OrderedStage[], durations: Float64Array): number {
  const longest = (wave: Int32Array): number => wave.reduce((most, host) => Math.max(most, durations[host] ?? 0), 0);
  return stages.flatMap((stage) => stage.waves).reduce((sum, wave) => sum + longest(wave), 0);
}

function stagesOf(
  picked: readonly PickedStage[],
  { stages, rule }: StagedPlan,
  { hostIds }: GroupIndex,
  plans: FrozenHosts['plans'],
): Pick<PlanBody, 'stages' | 'hosts'> {
  const named = stages.map((stage, at) => ({
    name: picked[at]?.name ?? '',
    soakMs: picked[at]?.soakMs ?? 0,
    hosts: namesOf(stage.byRule[rule].hosts, hostIds),
    waves: stage.waves.map((wave) => namesOf(wave, hostIds)),
  }));
  const inPriority: HostPlan[] = [];
  for (const stage of stages) {
    stage.byRule[rule].hosts.forEach((place) => {
      const plan = plans[place];
      if (plan) inPriority.push(plan);
    });
  }
  return { stages: named, hosts: inPriority };
}

/** Stages come one after the other, so their bounds add up; the group of the largest part is the one to show. */
function planBound({ stages }: StagedPlan, picked: readonly PickedStage[]): Bound {
  const bounds = stages.map((stage) => stage.bound);
  const none: Bound = { waves: 0, group: '', ms: 0, msGroup: '' };
  const byWaves = bounds.reduce((best, each) => (each.waves > best.waves ? each : best), none);
  const byTime = bounds.reduce((best, each) => (each.ms > best.ms ? each : best), none);
  return {
    waves: bounds.reduce((sum, each) => sum + each.waves, 0),
    group: byWaves.group,
    ms: bounds.reduce((sum, each) => sum + each.ms, 0) + soakBetween(picked),
    msGroup: byTime.msGroup,
  };
}

function soakBetween(stages: readonly PickedStage[]): number {
  return stages.slice(0, -1).reduce((sum, stage) => sum + stage.soakMs, 0);
}

/** By package, since the same one is mostly unknown to a whole kind of host, or on hold there. */
function packageWarnings({
  unknown,
  held,
  pinned,
  quarantined,
  unknownDevices,
  selfPatched,
}: FrozenHosts): readonly string[] {
  return [
    ...[...unknown].map(
      ([name, hosts]) =>
        `${name} is not installed on ${enumerate(hosts, 6)}, or not on offer there: only the other packages change there`,
    ),
    ...[...held].map(([name, hosts]) => `${name} is on hold on ${enumerate(hosts, 6)} and stays as it is there`),
    ...[...quarantined].map(
      ([version, hosts]) => `${version} is quarantined and does not reach ${enumerate(hosts, 6)}`,
    ),
    ...[...pinned].map(([name, hosts]) => `${name} is pinned on ${enumerate(hosts, 6)} and stays as it is there`),
    ...[...unknownDevices].map(
      ([name, hosts]) =>
        `no device named ${name} could be updated now on ${enumerate(hosts, 6)}: the rest changes there`,
    ),
    ...[...selfPatched].map(
      ([unit, hosts]) =>
        `${enumerate(hosts, 6)} also ${hosts.length === 1 ? 'patches itself' : 'patch themselves'}: ${unit}`,
    ),
  ];
}
