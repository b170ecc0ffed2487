import type { PackageState } from './platform/packages/packages.ts';

/** Of one version; a kernel that is a year newer closes a thousand or two. */
const IDS_PER_OFFER_MAX = 3000;
/** Of a whole survey, for it goes over the wire in one message (some 160 kB). */
const IDS_MAX = 10_000;
/** Named in words before the rest is counted. */
const NAMED = 3;

/** With no more ids of advisories than a report may carry; a version whose ids have no room counts as one of which nothing is known. */
export function withIdsThatFit(packages: readonly PackageState[]): readonly PackageState[] {
  let left = IDS_MAX;
  return packages.map((state) => ({
    ...state,
    offers: state.offers.map((offer) => {
      const count = offer.advisories.length + offer.cves.length;
      if (count > Math.min(left, IDS_PER_OFFER_MAX))
        return { ...offer, advisories: [], cves: [], advisoriesKnown: false };
      left -= count;
      return offer;
    }),
  }));
}

/** In words, of which updates it is not known what they close; null: of none. */
export function unknownAdvisories(packages: readonly PackageState[]): string | null {
  const pending = packages.filter(({ candidate, installed }) => candidate !== installed);
  const unknown = pending.filter(
    ({ candidate, offers }) => offers.find(({ version }) => version === candidate)?.advisoriesKnown !== true,
  );
  if (unknown.length === 0) return null;
  const named = unknown.slice(0, NAMED).map(({ name, candidate }) => `${name} ${candidate}`);
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : '';
  return `which CVEs they close is not known of ${unknown.length} of ${pending.length} updates, for their sources have no changelog or advisory of them: ${named.join(', ')}${more}`;
}
