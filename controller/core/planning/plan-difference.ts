import type { HostId } from '../fleet.ts';
import type { HostPlan, Plan } from '../plan.ts';
import type { Reason } from '../reason.ts';

/** What a second plan does otherwise than a first one. Hosts are in the order of the plan that has them. */
export interface PlanDifference {
  readonly added: readonly HostId[];
  /** Hosts that only the first plan has, with why the second one leaves them as they are; null: it does not select them. */
  readonly removed: readonly { readonly host: HostId; readonly reason: Reason | null }[];
  /** Hosts that neither plan changes and the two do not leave out for the same reason. */
  readonly leftOut: readonly Differs<Reason | null>[];
  /** Versions that hosts of both plans get; null: that plan does not have the package. */
  readonly versions: readonly (Differs<string | null> & { readonly name: string })[];
  readonly reboots: readonly Differs<boolean>[];
  readonly moved: readonly Differs<Place>[];
  /** Fields of the change, and parts of the fleet, that differ, in words. */
  readonly rules: readonly string[];
}

/** Of one host in both plans. */
export interface Differs<T> {
  readonly host: HostId;
  readonly from: T;
  readonly to: T;
}

/** Where a host comes in a plan; waves count through all stages, from 1. */
export interface Place {
  readonly stage: string;
  readonly wave: number;
}

/** Compares two plans, of the same change or of different ones. */
export function planDifference(from: Plan, to: Plan): PlanDifference {
  const [before, after] = [planned(from), planned(to)];
  const [reasonsBefore, reasonsAfter] = [leftOutOf(from), leftOutOf(to)];
  const both = [...after.values()].flatMap((to_): readonly Pair[] => {
    const from_ = before.get(to_.host);
    return from_ === undefined ? [] : [{ from: from_, to: to_ }];
  });
  const untouched = [...new Set([...reasonsBefore.keys(), ...reasonsAfter.keys()])].filter(
    (host) => !before.has(host) && !after.has(host),
  );
  return {
    added: [...after.keys()].filter((host) => !before.has(host)),
    removed: [...before.keys()]
      .filter((host) => !after.has(host))
      .map((host) => ({ host, reason: reasonsAfter.get(host) ?? null })),
    leftOut: untouched
      .map((host) => ({ host, from: reasonsBefore.get(host) ?? null, to: reasonsAfter.get(host) ?? null }))
      .filter((each) => isDifferent(each) && !areBothOld(each)),
    versions: both.flatMap(versionsThatDiffer),
    reboots: both.map(({ from: a, to: b }) => ({ host: b.host, from: a.reboot, to: b.reboot })).filter(isDifferent),
    moved: placesThatDiffer(from, to, both),
    rules: [...fieldsThatDiffer(from.change, to.change, 'change'), ...fieldsThatDiffer(from.fleet, to.fleet, 'fleet')],
  };
}

/** One host in both plans. */
interface Pair {
  readonly from: HostPlan;
  readonly to: HostPlan;
}

function planned({ hosts }: Plan): ReadonlyMap<HostId, HostPlan> {
  return new Map(hosts.map((host) => [host.host, host]));
}

function leftOutOf({ leftOut }: Plan): ReadonlyMap<HostId, Reason> {
  return new Map(leftOut.map(({ host, reason }) => [host, reason]));
}

/** A survey is older with every look. */
function areBothOld({ from, to }: Differs<Reason | null>): boolean {
  return from?.code === 'survey-old' && to?.code === 'survey-old';
}

function versionsThatDiffer({ from, to }: Pair): PlanDifference['versions'] {
  const [before, after] = [from, to].map(versionsOf);
  const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  return [...names]
    .map((name) => ({ host: to.host, name, from: before?.get(name) ?? null, to: after?.get(name) ?? null }))
    .filter(isDifferent);
}

function versionsOf({ packages, firmware = [] }: HostPlan): ReadonlyMap<string, string> {
  return new Map([
    ...packages.map(({ name, version }) => [name, version] as const),
    ...firmware.map(({ name, version }) => [`firmware of ${name}`, version] as const),
  ]);
}

function placesThatDiffer(from: Plan, to: Plan, both: readonly Pair[]): readonly Differs<Place>[] {
  const [before, after] = [placesOf(from), placesOf(to)];
  return both.flatMap(({ to: { host } }) => {
    const [was, is] = [before.get(host), after.get(host)];
    const moved = was !== undefined && is !== undefined && isDifferent({ from: was, to: is });
    return moved ? [{ host, from: was, to: is }] : [];
  });
}

function placesOf({ stages }: Plan): ReadonlyMap<HostId, Place> {
  const waves = stages.flatMap((stage) => stage.waves.map((hosts) => ({ stage: stage.name, hosts })));
  return new Map(
    waves.flatMap(({ stage, hosts }, index) => hosts.map((host) => [host, { stage, wave: index + 1 }] as const)),
  );
}

/** What the hosts' own lines show already is not told again. */
const toldByHosts = new Set(['packages']);

function fieldsThatDiffer(from: object, to: object, what: string): readonly string[] {
  const [before, after] = [new Map(Object.entries(from)), new Map(Object.entries(to))];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((field) => !toldByHosts.has(field) && isDifferent({ from: before.get(field), to: after.get(field) }))
    .map((field) => `${field} of the ${what}`);
}

/** Plans are data: they are the same when they are written the same. */
function isDifferent({ from, to }: { readonly from: unknown; readonly to: unknown }): boolean {
  return JSON.stringify(from) !== JSON.stringify(to);
}
