import type { PackageState } from './platform/packages/packages.ts';

/** Of one package: the wire takes no more. */
const OFFERS_PER_PACKAGE_MAX = 100;
/** Of each package in any case: the newest are what people want. */
const NEWEST = 8;
/** Beyond those, of a whole survey (some 150 bytes each): a repository that keeps everything has a hundred versions of a few packages. */
const OLDER_MAX = 2000;

/** With no more versions than a report may carry; who wants an older one still has to offer it in a repository of its own. */
export function withOffersThatFit(packages: readonly PackageState[]): readonly PackageState[] {
  let left = OLDER_MAX;
  return packages.map((state) => {
    const offers = state.offers.slice(0, Math.min(OFFERS_PER_PACKAGE_MAX, NEWEST + left));
    left -= Math.max(0, offers.length - NEWEST);
    return { ...state, offers };
  });
}
