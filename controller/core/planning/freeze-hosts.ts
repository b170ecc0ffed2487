import type { Change } from '../change.ts';
import type { Fleet, HostId } from '../fleet.ts';
import type { GroupIndex } from '../group-index.ts';
import type { Inventory, InventoryEntry, Survey } from '../inventory.ts';
import type { HostPlan } from '../plan.ts';
import type { Reason } from '../reason.ts';
import type { Step } from '../step.ts';
import type { ExpectedTime } from './expected-time.ts';
import { targetPackages } from './target-packages.ts';

/** A survey older than this plans nothing (ms). */
const surveyRefuseMs = 7 * 24 * 3_600_000;

/** What a plan says of one selected host, with what the host does not know of the change; or why it is left out. */
export type FrozenHost =
  { readonly plan: HostPlan; readonly unknown: readonly string[] } | { readonly host: HostId; readonly reason: Reason };

/** Freezes the change for each of these hosts, by their places in the inventory: exact versions, steps, expected time. */
export function freezeHosts(
  places: Int32Array,
  inventory: Inventory,
  change: Change,
  index: GroupIndex,
  fleet: Fleet,
  expected: ExpectedTime,
  now: number,
): readonly FrozenHost[] {
  const steps = new StepLists(fleet, index, change.reboot !== 'never');
  const frozen: FrozenHost[] = [];
  for (const place of places) {
    const entry = inventory[place];
    if (entry !== undefined) frozen.push(freezeHost(entry, change, steps.of(place), expected, now));
  }
  return frozen;
}

function freezeHost(
  entry: InventoryEntry,
  change: Change,
  steps: readonly Step[],
  expected: ExpectedTime,
  now: number,
): FrozenHost {
  const { id: host } = entry.host;
  const survey = entry.report?.survey ?? null;
  if (entry.report === null || survey === null) return { host, reason: { code: 'no-report' } };
  const ageMs = surveyAge(entry, survey, now);
  if (ageMs > surveyRefuseMs) return { host, reason: { code: 'survey-old', ageMs } };
  const target = targetPackages(change, survey);
  if (target.kind === 'none') return { host, reason: noTargetReason(target.reason, survey) };
  const reboot = change.reboot !== 'never';
  const expectedMs = expected({ host, hardwareModel: entry.report.hardwareModel, reboot });
  return { plan: { host, packages: target.packages, reboot, steps, expectedMs }, unknown: target.unknown };
}

/** A survey that could not ask for packages must not read as "nothing to do". */
function noTargetReason(reason: Reason, survey: Survey): Reason {
  return survey.error === '' ? reason : { code: 'survey-failed', detail: survey.error };
}

/** How old the last survey of a host is, by the worse of its clock and ours (ms). */
export function surveyAge(entry: InventoryEntry, survey: Survey, now: number): number {
  return now - Math.min(survey.surveyedAt, entry.report?.receivedAt ?? survey.surveyedAt);
}

/** The steps of a host by what its services are; hosts alike share one list. */
class StepLists {
  readonly #index: GroupIndex;
  readonly #pooled: Uint8Array;
  readonly #voting: Uint8Array;
  readonly #lists: readonly (readonly Step[])[];

  constructor(fleet: Fleet, index: GroupIndex, reboot: boolean) {
    this.#index = index;
    const services = new Map(fleet.services.map((service) => [service.name, service]));
    const serviceOf = index.groups.map((group) => services.get(group.name));
    this.#pooled = Uint8Array.from(serviceOf, (service) => (service !== undefined && service.pool !== null ? 1 : 0));
    this.#voting = Uint8Array.from(serviceOf, (service) => (service !== undefined && service.quorum !== null ? 1 : 0));
    this.#lists = [0, 1, 2, 3].map((kind) => stepsFor((kind & 1) === 1, (kind & 2) === 2, reboot));
  }

  of(number: number): readonly Step[] {
    let kind = 0;
    for (let entry = this.#index.starts[number] ?? 0; entry < (this.#index.starts[number + 1] ?? 0); entry += 1) {
      const group = this.#index.groupOf[entry] ?? 0;
      kind |= (this.#pooled[group] ?? 0) | ((this.#voting[group] ?? 0) << 1);
    }
    return this.#lists[kind] ?? [];
  }
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
