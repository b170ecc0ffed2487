import type { HostId } from '../fleet.ts';
import type { Inventory, InventoryEntry } from '../inventory.ts';
import type { Rollout } from '../rollout.ts';

/** Versions by package that a rollout brought to a host, and when it was done with it (UTC ms). */
interface Brought {
  readonly host: HostId;
  readonly versions: ReadonlyMap<string, string>;
  readonly at: number;
}

/**
 * The inventory with what these rollouts have brought since the last surveys. An agent surveys some seconds after its
 * packages have changed: a plan that is made before that would be for versions that are gone, and its hosts would refuse it.
 */
export function newerThanSurvey(inventory: Inventory, rollouts: readonly Rollout[]): Inventory {
  const all = rollouts.flatMap(broughtBy).sort((a, b) => a.at - b.at);
  if (all.length === 0) return inventory;
  const byHost = Map.groupBy(all, (each) => each.host);
  return inventory.map((entry) => (byHost.get(entry.host.id) ?? []).reduce(corrected, entry));
}

/** A host that it is not done with yet has no survey to believe. */
function broughtBy({ plan, hosts }: Rollout): readonly Brought[] {
  return plan.hosts.flatMap(({ host, packages }) => {
    const progress = hosts.get(host);
    if (progress?.runs !== 'packages') return [];
    const versions = new Map(packages.map(({ name, version }) => [name, version]));
    return [{ host, versions, at: progress.endedAt ?? Number.MAX_SAFE_INTEGER }];
  });
}

function corrected(entry: InventoryEntry, brought: Brought): InventoryEntry {
  const { report } = entry;
  const survey = report?.survey ?? null;
  if (report === null || survey === null || survey.surveyedAt > brought.at) return entry;
  const packages = survey.packages.map((state) => {
    return { ...state, installed: brought.versions.get(state.name) ?? state.installed };
  });
  return { ...entry, report: { ...report, survey: { ...survey, packages } } };
}
