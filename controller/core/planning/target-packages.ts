import type { PendingPackages, WantedPackage } from '../change.ts';
import type { PackageState, Survey } from '../inventory.ts';
import type { PlannedPackage } from '../plan.ts';
import type { FilesBack } from './files-back.ts';
import { type Quarantine, quarantineReason } from '../quarantine.ts';
import { type VersionedPackage, versionKey } from '../versioned-package.ts';
import type { Reason } from '../reason.ts';

/** What the change means for one host: exact packages, or why there is nothing to plan. */
export type Target =
  | {
      readonly kind: 'packages';
      readonly packages: readonly PlannedPackage[];
      /** Wanted, but unknown to this host: not installed there, or not on offer. */
      readonly unknown: readonly string[];
      /** Pending, but on hold. */
      readonly held: readonly string[];
      /** Pending, but quarantined: `name=version`. */
      readonly quarantined: readonly string[];
      /** Would close what is to be closed, but the host's own preferences keep what is there. */
      readonly pinned: readonly string[];
      /** CVEs that were asked for and are closed here when all of it is installed. */
      readonly closes: readonly string[];
      /** Whose files go back. */
      readonly filesBack: FilesBack | null;
    }
  | { readonly kind: 'none'; readonly reason: Reason };

/** All that was asked for is to be had, and nothing of it closes a CVE that was asked for. */
export const nothingLeft = { unknown: [], held: [], pinned: [], quarantined: [], closes: [], filesBack: null };

/** Freezes the change for one host, from its survey. A quarantined version is not planned. */
export function targetPackages(
  packages: readonly WantedPackage[] | PendingPackages,
  survey: Survey,
  quarantine: Quarantine,
): Target {
  return 'pending' in packages
    ? pendingTarget(packages, survey, quarantine)
    : namedTarget(packages, survey, quarantine);
}

/** A change may name packages that only some of its hosts have; a host that has none of them is left out with the reason. */
function namedTarget(wantedPackages: readonly WantedPackage[], survey: Survey, quarantine: Quarantine): Target {
  const packages: PlannedPackage[] = [];
  const unknown: string[] = [];
  let notOffered: Reason | null = null;
  for (const wanted of wantedPackages) {
    const state = survey.packages.find((each) => each.name === wanted.name);
    const planned = planPackage(wanted, state, quarantine);
    if (planned === null) continue;
    if (!('code' in planned)) packages.push(planned);
    else if (planned.code === 'version-not-offered' && state === undefined) {
      notOffered ??= planned;
      unknown.push(planned.package);
    } else return { kind: 'none', reason: planned };
  }
  if (packages.length === 0) return { kind: 'none', reason: notOffered ?? { code: 'nothing-to-do' } };
  return { kind: 'packages', packages, ...nothingLeft, unknown };
}

/** A hold is its owner's word, and no reason to leave a host without its other updates; nor is a version that failed. */
function pendingTarget({ pending, except }: PendingPackages, survey: Survey, quarantine: Quarantine): Target {
  const packages: PlannedPackage[] = [];
  const held: string[] = [];
  const quarantined: VersionedPackage[] = [];
  for (const state of survey.packages) {
    const version = pending === 'all' ? state.candidate : fixOf(state);
    if (version === null || except.includes(state.name)) continue;
    const planned = planPackage({ name: state.name, version }, state, quarantine);
    if (planned === null) continue;
    if (!('code' in planned)) packages.push(planned);
    else if (planned.code === 'package-held') held.push(state.name);
    else if (planned.code === 'version-quarantined') quarantined.push({ name: state.name, version });
    else return { kind: 'none', reason: planned };
  }
  if (packages.length > 0)
    return { kind: 'packages', packages, ...nothingLeft, held, quarantined: quarantined.map(versionKey) };
  const [first] = held;
  const kept: Reason = first === undefined ? { code: 'nothing-to-do' } : { code: 'package-held', package: first };
  const [bad] = quarantined;
  return { kind: 'none', reason: bad === undefined ? kept : (quarantineReason(quarantine, bad) ?? kept) };
}

/** The version that brings the security updates of a package: the one that would be chosen anyway, where it comes from there. */
function fixOf({ candidate, installed, offers }: PackageState): string | null {
  if (candidate === installed) return null;
  const fixes = offers.filter((offer) => offer.security).map((offer) => offer.version);
  return fixes.includes(candidate) ? candidate : (fixes[0] ?? null);
}

/** Null: it is there already. A package without other versions on offer is absent from the survey: it is not installed, or as new as it can be. */
export function planPackage(
  wanted: WantedPackage,
  state: PackageState | undefined,
  quarantine: Quarantine,
): PlannedPackage | Reason | null {
  const version = wanted.version ?? state?.candidate;
  if (version === undefined) return null;
  if (state === undefined) return { code: 'version-not-offered', package: wanted.name, version };
  if (state.installed === version) return null;
  const quarantined = quarantineReason(quarantine, { name: wanted.name, version });
  if (quarantined !== null) return quarantined;
  if (state.held) return { code: 'package-held', package: wanted.name };
  const offer = state.offers.find((each) => each.version === version);
  if (offer === undefined) return { code: 'version-not-offered', package: wanted.name, version };
  const previous = state.offers.find((each) => each.version === state.installed);
  const fromSha256 = previous?.sha256 ?? null;
  return { name: wanted.name, version, sha256: offer.sha256, from: state.installed, fromSha256 };
}
