import type { Survey, WayBack } from '../inventory.ts';
import type { PlannedPackage } from '../plan.ts';
import type { Reason } from '../reason.ts';

/** The weaker comes first: a host goes back as its weakest package does. */
const byStrength: readonly WayBack[] = ['none', 'offered', 'kept'];

/** How a host would go back from these packages, and the first of them that could not; null where its survey does not say. */
export interface HostWayBack {
  readonly kind: WayBack | null;
  readonly missing: PlannedPackage | null;
}

/** By what the host's survey knows of the versions that are installed now. */
export function wayBackFrom(packages: readonly PlannedPackage[], survey: Survey): HostWayBack {
  const planned = new Map(packages.map((each) => [each.name, each]));
  let weakest = byStrength.length - 1;
  let missing: PlannedPackage | null = null;
  for (const { name, wayBack } of survey.packages) {
    const found = planned.get(name);
    if (found === undefined || wayBack === undefined) continue;
    planned.delete(name);
    weakest = Math.min(weakest, byStrength.indexOf(wayBack));
    if (wayBack === 'none') missing ??= found;
  }
  const isKnown = planned.size === 0 || missing !== null;
  return { kind: isKnown ? (byStrength[weakest] ?? null) : null, missing };
}

/** Why a host without a way back gets nothing where the change wants one; null: it has one, or nobody knows. */
export function refusedForWayBack({ missing }: HostWayBack): Reason | null {
  return missing === null ? null : { code: 'no-way-back', package: missing.name, installed: missing.from };
}
