import { enumerate } from '../../lib/enumerate.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { Change } from './change.ts';
import { domainOf, groupsOf } from './group.ts';
import { type Fleet, type Host, type HostId, selectHosts } from './fleet.ts';
import type { Inventory, InventoryEntry, Survey } from './inventory.ts';
import type { Bound, Group, HostPlan, PlanBody, Stage } from './plan.ts';
import type { Reason } from './reason.ts';
import type { Step } from './step.ts';
import { targetPackages } from './target-packages.ts';
import { packWaves, waveBound } from './waves.ts';

/** A survey older than this is worth a warning; much older ones plan nothing (ms). */
const surveyWarnMs = 24 * 3_600_000;
const surveyRefuseMs = 7 * surveyWarnMs;

type Entry =
  { readonly plan: HostPlan; readonly unknown: readonly string[] } | { readonly host: HostId; readonly reason: Reason };

/**
 * The immutable answer to fleet + inventory + change, without its hash. Pure; changes nothing.
 * Throws ZdmsError (ZDMS_PLAN_IMPOSSIBLE) that lists everything that is wrong with the fleet, as against single hosts, which are left out with a reason.
 */
export function makePlan(fleet: Fleet, inventory: Inventory, change: Change, now: number): PlanBody {
  const hosts = inventory.map((entry) => entry.host);
  refuse(fleetProblems(fleet, hosts, change));
  const groups = groupsOf(fleet, hosts);
  const selected = byDomain(fleet, selectHosts(change.where, hosts));
  const entries = selected.map((host) =>
    planHost(
      fleet,
      change,
      inventory.find((each) => each.host.id === host.id),
      now,
    ),
  );
  const made = entries.filter((entry) => 'plan' in entry);
  const planned = made.map((entry) => entry.plan);
  const order = planned.map((each) => each.host);
  const stages = makeStages(order, groups, change);
  return {
    createdAt: now,
    fleet,
    change,
    stages,
    hosts: planned,
    leftOut: entries.filter((entry) => 'reason' in entry),
    groups,
    bound: planBound(stages, groups, change.atOnce),
    warnings: [...surveyWarnings(inventory, order, now), ...unknownWarnings(made)],
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

/** Everything wrong with the fleet as a whole, each in one line with its fix. */
export function fleetProblems(fleet: Fleet, hosts: readonly Host[], change: Change): readonly string[] {
  const unlabelled = hosts.flatMap((host) =>
    fleet.topology
      .filter((level) => (host.labels[level] ?? '') === '')
      .map((level) => `host ${host.id} has no label \`${level}\`: install it again with --label ${level}=...`),
  );
  const nobody =
    selectHosts(change.where, hosts).length === 0
      ? ['`where` of the change selects no host: see `zdms host ls` for labels and ids']
      : [];
  return [
    ...unlabelled,
    ...unknownIds(change, hosts),
    ...nobody,
    ...fleet.services.flatMap((service) => serviceProblems(service, hosts)),
  ];
}

function unknownIds(change: Change, hosts: readonly Host[]): readonly string[] {
  if (change.where.kind !== 'ids') return [];
  return change.where.ids
    .filter((id) => !hosts.some((host) => host.id === id))
    .map((id) => `the change names host ${id}, which is not in the fleet`);
}

function serviceProblems(service: Fleet['services'][number], hosts: readonly Host[]): readonly string[] {
  const members = selectHosts(service.hosts, hosts);
  const problems: string[] = [];
  if (members.length === 0) problems.push(`service ${service.name} selects no host: see \`zdms host ls\` for labels`);
  if (members.length > service.size) {
    problems.push(
      `service ${service.name} declares size ${service.size} but has ${members.length} hosts: write size: ${members.length}`,
    );
  }
  const strangers = (service.pool?.balancers ?? []).filter((id) => !hosts.some((host) => host.id === id));
  return [
    ...problems,
    ...strangers.map(
      (id) =>
        `service ${service.name} has balancer ${id}, which is not in the fleet: install it with \`zdms host install\``,
    ),
  ];
}

/** Hosts of one domain stay together, so that whole domains are finished one after the other; natural order within. */
function byDomain(fleet: Fleet, hosts: readonly Host[]): readonly Host[] {
  const innermost = fleet.topology.at(-1);
  const key = (host: Host): string => (innermost === undefined ? '' : domainOf(fleet.topology, innermost, host));
  return [...hosts].sort((a, b) => compareNaturally(key(a), key(b)) || compareNaturally(a.id, b.id));
}

function compareNaturally(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function planHost(fleet: Fleet, change: Change, entry: InventoryEntry | undefined, now: number): Entry {
  const host = entry?.host.id ?? '';
  const survey = entry?.report?.survey ?? null;
  if (entry === undefined || survey === null) return { host, reason: { code: 'no-report' } };
  const ageMs = surveyAge(entry, survey, now);
  if (ageMs > surveyRefuseMs) return { host, reason: { code: 'survey-old', ageMs } };
  const target = targetPackages(change, survey);
  if (target.kind === 'none') return { host, reason: noTargetReason(target.reason, survey) };
  const reboot = change.reboot !== 'never';
  const plan = { host, packages: target.packages, reboot, steps: stepsFor(fleet, entry.host, reboot) };
  return { plan, unknown: target.unknown };
}

/** By package, since the same one is mostly unknown to a whole kind of host. */
function unknownWarnings(made: readonly Extract<Entry, { plan: HostPlan }>[]): readonly string[] {
  return [...new Set(made.flatMap((entry) => entry.unknown))].map((name) => {
    const hosts = made.filter((entry) => entry.unknown.includes(name)).map((entry) => entry.plan.host);
    return `${name} is not installed on ${enumerate(hosts, 6)}, or not on offer there: only the other packages change there`;
  });
}

/** A survey that could not ask for packages must not read as "nothing to do". */
function noTargetReason(reason: Reason, survey: Survey): Reason {
  return survey.error === '' ? reason : { code: 'survey-failed', detail: survey.error };
}

function surveyAge(entry: InventoryEntry, survey: Survey, now: number): number {
  return now - Math.min(survey.surveyedAt, entry.report?.receivedAt ?? survey.surveyedAt);
}

function stepsFor(fleet: Fleet, host: Host, reboot: boolean): readonly Step[] {
  const services = fleet.services.filter((service) => selectHosts(service.hosts, [host]).length > 0);
  const pooled = services.some((service) => service.pool !== null);
  const votes = services.some((service) => service.quorum !== null);
  return [
    'preflight',
    'fetch',
    'takeOut',
    ...(votes ? (['switchover'] as const) : []),
    ...(pooled ? (['drain'] as const) : []),
    'apply',
    ...(reboot ? (['reboot'] as const) : []),
    'verify',
    ...(pooled ? (['undrain'] as const) : []),
    'settle',
  ];
}

function makeStages(order: readonly HostId[], groups: readonly Group[], change: Change): readonly Stage[] {
  const stages: Stage[] = [];
  let left = order;
  for (const rule of change.stages) {
    const count = rule.hosts ?? left.length;
    const waves = packWaves(left.slice(0, count), groups, change.atOnce);
    left = left.slice(count);
    if (waves.length > 0) stages.push({ name: rule.name, soakMs: rule.soakMs, waves });
  }
  return stages;
}

/** Stages come one after the other, so their bounds add up; the group of the largest part is the one to show. */
function planBound(stages: readonly Stage[], groups: readonly Group[], atOnce: number | null): Bound {
  const bounds = stages.map((stage) => waveBound(stage.waves.flat(), groups, atOnce));
  const widest = bounds.reduce((best, each) => (each.waves > best.waves ? each : best), { waves: 0, group: '' });
  return { waves: bounds.reduce((sum, each) => sum + each.waves, 0), group: widest.group };
}

function surveyWarnings(inventory: Inventory, planned: readonly HostId[], now: number): readonly string[] {
  return inventory.flatMap((entry) => {
    const survey = entry.report?.survey ?? null;
    if (survey === null || !planned.includes(entry.host.id)) return [];
    const age = surveyAge(entry, survey, now);
    return [
      ...(age > surveyWarnMs
        ? [`${entry.host.id} was surveyed ${Math.round(age / 3_600_000)} h ago: versions may be old`]
        : []),
      ...(survey.error === '' ? [] : [`the survey of ${entry.host.id} is not complete: ${survey.error}`]),
    ];
  });
}
