import type { Change, WantedPackage } from './change.ts';
import type { PackageState, Survey } from './inventory.ts';
import type { PlannedPackage } from './plan.ts';
import type { Reason } from './reason.ts';

/** What the change means for one host: exact packages, or why there is nothing to plan. */
export type Target =
  | { readonly kind: 'packages'; readonly packages: readonly PlannedPackage[] }
  | { readonly kind: 'none'; readonly reason: Reason };

/** Freezes the change for one host, from its survey. */
export function targetPackages(change: Change, survey: Survey): Target {
  const packages: PlannedPackage[] = [];
  for (const wanted of change.packages) {
    const state = survey.packages.find((each) => each.name === wanted.name);
    const planned = planPackage(wanted, state);
    if ('code' in planned) return { kind: 'none', reason: planned };
    packages.push(...planned);
  }
  if (packages.length === 0) return { kind: 'none', reason: { code: 'nothing-to-do' } };
  return { kind: 'packages', packages };
}

/** A package without other versions on offer is absent from the survey: it is not installed, or as new as it can be. */
function planPackage(wanted: WantedPackage, state: PackageState | undefined): readonly PlannedPackage[] | Reason {
  const version = wanted.version ?? state?.candidate;
  if (version === undefined) return [];
  if (state === undefined) return { code: 'version-not-offered', package: wanted.name, version };
  if (state.installed === version) return [];
  if (state.held) return { code: 'package-held', package: wanted.name };
  const offer = state.offers.find((each) => each.version === version);
  if (offer === undefined) return { code: 'version-not-offered', package: wanted.name, version };
  const previous = state.offers.find((each) => each.version === state.installed);
  return [
    { name: wanted.name, version, sha256: offer.sha256, from: state.installed, fromSha256: previous?.sha256 ?? null },
  ];
}
