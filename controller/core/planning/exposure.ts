import type { PackageOffer, PackageState, Survey } from '../inventory.ts';

/** How a package of a host stands to CVEs that are open in it. */
export interface Exposure {
  readonly package: PackageState;
  /** Of those asked for. */
  readonly cves: readonly string[];
  /** Named by the first version that closes one of them. */
  readonly advisories: readonly string[];
  /** What closes them all. */
  readonly version: string;
  /** Why it is not to be had: its owner holds it back, or has pinned what is there. */
  readonly kept: 'held' | 'pinned' | null;
}

/**
 * Null: none of them is known to be open in it. What closes them is the version that the host would take anyway, where that comes
 * after the first one that names each of them; else the newest that names one.
 */
export function exposureOf(state: PackageState, asked: ReadonlySet<string>): Exposure | null {
  const { installed, candidate, offers, held } = state;
  // Nearly all packages of a large fleet end here.
  if (!offers.some((offer) => offer.cves.some((cve) => asked.has(cve)))) return null;
  const here = offers.findIndex((offer) => offer.version === installed);
  // A report leaves out the installed version; it is among the offers where a rollout has brought it since.
  const newer = here < 0 ? offers : offers.slice(0, here);
  const closed = new Set(here < 0 ? [] : offers.slice(here).flatMap((offer) => offer.cves));
  const named = newer.map((offer) => offer.cves.filter((cve) => asked.has(cve) && !closed.has(cve)));
  const newest = named.findIndex((cves) => cves.length > 0);
  if (newest < 0) return null;
  const cves = [...new Set(named.flat())].toSorted();
  const firsts = cves.map((cve) => named.findLastIndex((each) => each.includes(cve)));
  const wouldTake = newer.findIndex((offer) => offer.version === candidate);
  const fix = wouldTake >= 0 && firsts.every((first) => wouldTake <= first) ? wouldTake : newest;
  const isPinned = candidate === installed || offers.slice(newer.length).some((offer) => offer.version === candidate);
  const pinned = isPinned ? 'pinned' : null;
  return {
    package: state,
    cves,
    advisories: offers[Math.max(...firsts)]?.advisories ?? [],
    version: newer[fix]?.version ?? '',
    kept: held ? 'held' : pinned,
  };
}

/** Updates of which it is not known what they close. */
export function unknownUpdates({ packages }: Survey): readonly PackageState[] {
  return packages.filter((state) => isPending(state) && candidateOf(state)?.advisoriesKnown !== true);
}

/** Is there nothing that tells what the updates of this host close? Not where it has none: there is nothing to be told. */
export function knowsNothing(survey: Survey): boolean {
  const pending = survey.packages.filter(isPending).length;
  return pending > 0 && unknownUpdates(survey).length === pending;
}

function isPending({ candidate, installed }: PackageState): boolean {
  return candidate !== installed;
}

function candidateOf({ candidate, offers }: PackageState): PackageOffer | undefined {
  return offers.find((offer) => offer.version === candidate);
}
