import { enumerate } from '../../../lib/enumerate.ts';
import type { Change } from '../change.ts';
import type { HostId } from '../fleet.ts';
import type { Inventory } from '../inventory.ts';
import type { HostPlan } from '../plan.ts';

/** Hosts that a warning names before it counts. */
const NAMED = 3;

/**
 * A file that somebody has changed since zdms put it there may have been changed for a reason. Whoever brings it anew is told, by file, of
 * the hosts on which that is overwritten; where it is gone nothing is.
 */
export function driftWarnings(
  { files = [] }: Change,
  plans: readonly (HostPlan | null)[],
  inventory: Inventory,
): readonly string[] {
  if (files.length === 0) return [];
  const hostsByPath = new Map<string, HostId[]>(files.map(({ path }) => [path, []]));
  plans.forEach((plan, place) => {
    if (plan === null) return;
    for (const { path, drift } of inventory[place]?.report?.survey?.files ?? [])
      if (drift.some((what) => what !== 'gone')) hostsByPath.get(path)?.push(plan.host);
  });
  return [...hostsByPath].flatMap(([path, hosts]) =>
    hosts.length === 0
      ? []
      : `${path} is no longer as zdms put it on ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'} ` +
        `(${enumerate(hosts, NAMED)}): what was changed there since is overwritten, and kept for a way back`,
  );
}
