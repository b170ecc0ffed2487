import type { HostId } from '../fleet.ts';
import type { Inventory, InventoryEntry } from '../inventory.ts';
import type { Rollout } from '../rollout.ts';

/** Versions by package that a rollout brought to a host, and when it was done with it (UTC ms). */
interface Brought {
  readonly versions: ReadonlyMap<string, string>;
  readonly at: number;
}

/**
 * The inventory with what these rollouts, oldest first, have brought since the last surveys. An agent surveys some seconds after its
 * packages have changed: a plan that is made before that would be for versions that are gone, and its hosts would refuse it.
 */
export function newerThanSurvey(inventory: Inventory, rollouts: readonly Rollout[]): Inventory {
  const brought = new Map(rollouts.flatMap((rollout) => [...broughtBy(rollout)]));
  return brought.size === 0 ? inventory : inventory.map((entry) => corrected(entry, brought.get(entry.host.id)));
}

/** A host that it is not done with yet has no survey to believe. */
function broughtBy({ plan, hosts }: Rollout): ReadonlyMap<HostId, Brought> {
  const brought = new Map<HostId, Brought>();
  for (const { host, packages } of plan.hosts) {
    const progress = hosts.get(host);
    if (progress?.runs !== 'packages') continue;
    const versions = new Map(packages.map(({ name, version }) => [name, version]));
    brought.set(host, { versions, at: progress.endedAt ?? Number.POSITIVE_INFINITY });
  }
  return brought;
}

function corrected(entry: InventoryEntry, brought: Brought | undefined): InventoryEntry {
  const { report } = entry;
  const survey = report?.survey ?? null;
  if (brought === undefined || report === null || survey === null || survey.surveyedAt > brought.at) return entry;
  const packages = survey.packages.map((state) => {
    return { ...state, installed: brought.versions.get(state.name) ?? state.installed };
  });
  return { ...entry, report: { ...report, survey: { ...survey, packages } } };
}
