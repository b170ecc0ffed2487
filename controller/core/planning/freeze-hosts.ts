import { type Change, isWayBack, wantsWayBack } from '../change.ts';
import { factsFor, type HostFacts } from '../files.ts';
import { machineFirmware, type PlannedFirmware } from '../firmware.ts';
import type { Fleet, HostId } from '../fleet.ts';
import type { GroupIndex } from '../group-index.ts';
import type { Inventory, InventoryEntry, Survey } from '../inventory.ts';
import type { Forecast, HostPlan, PlanBody, PlannedPackage } from '../plan.ts';
import type { Quarantine } from '../quarantine.ts';
import type { Reason } from '../reason.ts';
import type { Step } from '../step.ts';
import type { ExpectedTime } from './expected-time.ts';
import type { RebootDeadline } from './reboot-deadline.ts';
import { closingTarget } from './closing-target.ts';
import { forecastOf, isSameForecast } from './forecast.ts';
import { type FirmwareTarget, targetFirmware } from './target-firmware.ts';
import { nothingLeft, type Target, targetPackages } from './target-packages.ts';
import type { FilesBack } from './files-back.ts';
import { type Undos, undoTarget } from './undo.ts';
import { type HostWayBack, refusedForWayBack, wayBackFrom } from './way-back.ts';

/** A survey older than this is worth a warning (ms). */
const surveyWarnMs = 24 * 3_600_000;
/** A survey older than this plans nothing (ms). */
const surveyRefuseMs = 7 * 24 * 3_600_000;

/** What a plan says of the selected hosts. */
export interface FrozenHosts {
  /** Places of the hosts that get something, in the order given. */
  readonly places: Int32Array;
  /** By place in the inventory; null for a host that gets nothing. */
  readonly plans: readonly (HostPlan | null)[];
  readonly leftOut: PlanBody['leftOut'];
  /** By package: hosts that get others and do not know this one. */
  readonly unknown: ReadonlyMap<string, readonly HostId[]>;
  /** By package: hosts that get others and have this one on hold. */
  readonly held: ReadonlyMap<string, readonly HostId[]>;
  /** By `name=version`: hosts that get others and not this one, since it is quarantined. */
  readonly quarantined: ReadonlyMap<string, readonly HostId[]>;
  /** By package: hosts that get others and keep this one, which they have pinned. */
  readonly pinned: ReadonlyMap<string, readonly HostId[]>;
  /** By CVE that was asked for: hosts that have it no more. */
  readonly closes: ReadonlyMap<string, number>;
  /** By name or id of a device: hosts that get other things and have none such. */
  readonly unknownDevices: ReadonlyMap<string, readonly HostId[]>;
  /** By unit: hosts that it patches without being asked. */
  readonly selfPatched: ReadonlyMap<string, readonly HostId[]>;
  /** Of surveys that are old or not complete. */
  readonly warnings: readonly string[];
}

/** What a plan goes by beside fleet, inventory and change. */
export interface PlanKnowledge {
  /** How long hosts will hold their slots, by what is known of hosts like them. */
  readonly expected: ExpectedTime;
  readonly rebootDeadline: RebootDeadline;
  /** What the rollout brought that the change undoes. */
  readonly undos: Undos;
  readonly quarantine: Quarantine;
}

/** Freezes the change for each of these hosts, by their places in the inventory: exact versions, steps, expected time. */
export function freezeHosts(
  places: Int32Array,
  inventory: Inventory,
  change: Change,
  index: GroupIndex,
  fleet: Fleet,
  facts: PlanKnowledge & { readonly now: number },
): FrozenHosts {
  const { now } = facts;
  const steps = new StepLists(fleet, index);
  const plans = new Array<HostPlan | null>(inventory.length).fill(null);
  const leftOut: { host: HostId; reason: Reason }[] = [];
  const unknown = new Map<string, HostId[]>();
  const held = new Map<string, HostId[]>();
  const quarantined = new Map<string, HostId[]>();
  const pinned = new Map<string, HostId[]>();
  const closes = new Map<string, number>();
  const unknownDevices = new Map<string, HostId[]>();
  const selfPatched = new Map<string, HostId[]>();
  const warnings: string[] = [];
  let last: readonly PlannedPackage[] = [];
  let lastForecast: Forecast | null = null;
  for (let at = 0; at < places.length; at += 1) {
    const place = places[at] ?? 0;
    const entry = inventory[place];
    if (entry === undefined) continue;
    const { id: host } = entry.host;
    const devices = targetFirmware(change, entry);
    const found = targetOf(entry, change, devices, facts);
    if (found.kind === 'none') {
      leftOut.push({ host, reason: found.reason });
      continue;
    }
    const way = wayBackOf(found.packages, change, entry);
    const files = fileFacts(change, entry);
    const refused = (wantsWayBack(change) ? refusedForWayBack(way) : null) ?? files.refused ?? devices.refused;
    if (refused !== null) {
      leftOut.push({ host, reason: refused });
      continue;
    }
    const { filesBack } = found;
    const { firmware } = devices;
    const { drained, reboot } = needsOf({ packages: found.packages, firmware, filesBack }, change);
    if (!areSame(found.packages, last)) last = found.packages;
    const forecast = change.reboot === 'always' ? null : forecastOf(last, entry.report?.survey ?? null, firmware);
    if (!isSameForecast(forecast, lastForecast)) lastForecast = forecast;
    plans[place] = {
      ...{ host, packages: last, reboot, steps: stepsOf(steps.of(place, drained, reboot), firmware) },
      ...timesOf(entry, reboot, firmware, facts),
      ...(lastForecast === null ? {} : { forecast: lastForecast }),
      ...(way.kind === null ? {} : { wayBack: way.kind }),
      ...(entry.report?.survey?.keepsRoot === true ? { keepsRoot: true } : {}),
      ...(drained ? {} : { undrained: true }),
      ...(files.facts === null ? {} : { facts: files.facts }),
      ...(filesBack === null ? {} : { filesBack: filesBack.plan }),
      ...(firmware.length === 0 ? {} : { firmware }),
    };
    for (const name of found.unknown) addTo(unknown, name, host);
    for (const name of devices.unknown) addTo(unknownDevices, name, host);
    for (const name of found.held) addTo(held, name, host);
    for (const version of found.quarantined) addTo(quarantined, version, host);
    for (const name of found.pinned) addTo(pinned, name, host);
    for (const cve of found.closes) closes.set(cve, (closes.get(cve) ?? 0) + 1);
    for (const unit of entry.report?.survey?.updaters ?? []) addTo(selfPatched, unit, host);
    warnOfSurvey(entry, now, warnings);
  }
  const planned = places.filter((place) => plans[place] !== null);
  const byName = { unknown, held, pinned, quarantined, unknownDevices, selfPatched };
  return { ...{ places: planned, plans, leftOut, closes, warnings }, ...byName };
}

/** What earlier rollouts tell of this one's times on the host. */
function timesOf(
  { host, report }: InventoryEntry,
  reboot: boolean,
  firmware: readonly PlannedFirmware[],
  { expected, rebootDeadline }: PlanKnowledge,
): Pick<HostPlan, 'expectedMs' | 'rebootDeadlineMs'> {
  const hardwareModel = report?.hardwareModel ?? '';
  const expectedMs = expected({ host: host.id, hardwareModel, reboot });
  const deadlineMs = reboot ? rebootDeadline({ hardwareModel, getsFirmware: firmware.length > 0 }) : null;
  return deadlineMs === null ? { expectedMs } : { expectedMs, rebootDeadlineMs: deadlineMs };
}

function addTo(lists: Map<string, HostId[]>, key: string, host: HostId): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [host]);
  else list.push(host);
}

/** Neighbours mostly get the same, and a plan of 100,000 hosts need not hold it so many times. */
function areSame(some: readonly PlannedPackage[], others: readonly PlannedPackage[]): boolean {
  return some.length === others.length && some.every((each, at) => isSame(each, others[at]));
}

function isSame(one: PlannedPackage, other: PlannedPackage | undefined): boolean {
  return (
    one.name === other?.name &&
    one.version === other.version &&
    one.sha256 === other.sha256 &&
    one.from === other.from &&
    one.fromSha256 === other.fromSha256
  );
}

function wayBackOf(packages: readonly PlannedPackage[], change: Change, { report }: InventoryEntry): HostWayBack {
  const survey = report?.survey ?? null;
  return survey === null || isWayBack(change) ? { kind: null, missing: null } : wayBackFrom(packages, survey);
}

function targetOf(
  entry: InventoryEntry,
  { packages, files = [] }: Change,
  devices: FirmwareTarget,
  { undos, quarantine, now }: PlanKnowledge & { readonly now: number },
): Target {
  if ('undo' in packages) {
    const survey = entry.report?.survey ?? null;
    const undo = undos.get(entry.host.id);
    if (undo === undefined) return { kind: 'none', reason: { code: 'nothing-to-do' } };
    const isNewer = survey !== null && now - surveyAge(entry, survey, now) > undo.since;
    return undoTarget(undo, isNewer ? survey : null);
  }
  const survey = usableSurvey(entry, now);
  if ('code' in survey) return { kind: 'none', reason: survey };
  const target =
    'cves' in packages ? closingTarget(packages, survey, quarantine) : targetPackages(packages, survey, quarantine);
  if (target.kind !== 'none') return target;
  const reason = noTargetReason(target.reason, survey);
  if (reason.code !== 'nothing-to-do') return { kind: 'none', reason };
  if (files.length + devices.firmware.length > 0 || devices.refused !== null) return noPackages;
  const [unknown] = devices.unknown;
  return { kind: 'none', reason: unknown === undefined ? reason : notThere(unknown) };
}

function notThere(device: string): Reason {
  return { code: 'firmware-not-offered', device, version: null };
}

const noPackages: Target = { kind: 'packages', packages: [], ...nothingLeft };

/** What the files of the change are filled with on this host, null where it has none; and why it cannot have them. */
function fileFacts(
  { files = [] }: Change,
  { host, report }: InventoryEntry,
): { readonly facts: HostFacts | null; readonly refused: Reason | null } {
  if (files.length === 0 || report === null) return { facts: null, refused: null };
  const { facts, missing } = factsFor(files, host, report);
  return { facts, refused: missing === null ? null : { code: 'fact-missing', ...missing } };
}

interface Brought {
  readonly packages: readonly PlannedPackage[];
  readonly firmware: readonly PlannedFirmware[];
  readonly filesBack: FilesBack | null;
}

/** Users stay with a host that gets nothing but files which say so, and such files alone ask for no reboot. */
function needsOf(
  { packages, firmware, filesBack }: Brought,
  { files = [], reboot }: Change,
): { readonly drained: boolean; readonly reboot: boolean } {
  const isFilesAlone = packages.length + firmware.length === 0 && (files.length > 0 || filesBack !== null);
  if (!isFilesAlone) return { drained: true, reboot: reboot !== 'never' };
  const reboots = files.some(({ then }) => then.kind === 'reboot') || filesBack?.reboots === true;
  const rebooted = reboot === 'always' || (reboots && reboot === 'ifNeeded');
  return { drained: rebooted || files.some(({ drain }) => drain) || filesBack?.drain === true, reboot: rebooted };
}

/** The survey to go by, or why there is none. */
export function usableSurvey(entry: InventoryEntry, now: number): Survey | Reason {
  const survey = entry.report?.survey ?? null;
  if (survey === null) return { code: 'no-report' };
  const ageMs = surveyAge(entry, survey, now);
  if (ageMs > surveyRefuseMs) return { code: 'survey-old', ageMs };
  return survey;
}

/** A survey that could not ask for packages must not read as "nothing to do". */
function noTargetReason(reason: Reason, survey: Survey): Reason {
  return survey.error === '' ? reason : { code: 'survey-failed', detail: survey.error };
}

function warnOfSurvey(entry: InventoryEntry, now: number, warnings: string[]): void {
  const survey = entry.report?.survey ?? null;
  if (survey === null) return;
  const { id } = entry.host;
  const ageMs = surveyAge(entry, survey, now);
  if (ageMs > surveyWarnMs)
    warnings.push(`${id} was surveyed ${Math.round(ageMs / 3_600_000)} h ago: versions may be old`);
  if (survey.error !== '') warnings.push(`the survey of ${id} is not complete: ${survey.error}`);
}

/** How old the last survey of a host is, by the worse of its clock and ours (ms). */
function surveyAge(entry: InventoryEntry, survey: Survey, now: number): number {
  return now - Math.min(survey.surveyedAt, entry.report?.receivedAt ?? survey.surveyedAt);
}

/** The steps of a host by what its services are; hosts alike share one list. */
class StepLists {
  readonly #index: GroupIndex;
  readonly #pooled: Uint8Array;
  readonly #voting: Uint8Array;
  readonly #lists: readonly (readonly Step[])[];

  constructor(fleet: Fleet, index: GroupIndex) {
    this.#index = index;
    const services = new Map(fleet.services.map((service) => [service.name, service]));
    const serviceOf = index.groups.map((group) => services.get(group.name));
    this.#pooled = Uint8Array.from(serviceOf, (service) => (service !== undefined && service.pool !== null ? 1 : 0));
    this.#voting = Uint8Array.from(serviceOf, (service) => (service !== undefined && service.quorum !== null ? 1 : 0));
    this.#lists = [0, 1, 2, 3, 4, 5, 6, 7].map((kind) =>
      stepsFor((kind & 1) !== 0, (kind & 2) !== 0, (kind & 4) !== 0),
    );
  }

  of(number: number, drained: boolean, reboot: boolean): readonly Step[] {
    let kind = 0;
    for (let entry = this.#index.starts[number] ?? 0; entry < (this.#index.starts[number + 1] ?? 0); entry += 1) {
      const group = this.#index.groupOf[entry] ?? 0;
      kind |= (this.#pooled[group] ?? 0) | ((this.#voting[group] ?? 0) << 1);
    }
    return this.#lists[(drained ? kind : 0) | (reboot ? 4 : 0)] ?? [];
  }
}

/** Few hosts of a fleet get such firmware: their lists are their own. */
function stepsOf(steps: readonly Step[], firmware: readonly PlannedFirmware[]): readonly Step[] {
  if (machineFirmware(firmware).length === 0) return steps;
  return steps.flatMap((step) => (step === 'apply' ? [step, 'updateFirmware' as const] : [step]));
}

function stepsFor(pooled: boolean, votes: boolean, reboot: boolean): readonly Step[] {
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
