/** Ids of what a version closes. Both sorted, each id once. */
export type AdvisoryIds = {
  readonly advisories: readonly string[];
  readonly cves: readonly string[];
};

export const noIds: AdvisoryIds = { advisories: [], cves: [] };

/** Of a kind in one text; one version of a kernel closes some hundred. What is beyond is left out. */
const IDS_MAX = 2000;

const CVE = /\bCVE-(?:19|20)\d{2}-\d{4,10}\b/gi;
/** Of Debian, of its long-term support and of Ubuntu: `DSA-5678-1`, also written `DSA 5678-1`. */
const ADVISORY = /\b(DSA|DLA|USN)[- ](\d{1,6}-\d{1,3})\b/g;

/** The ids that a text names; foreign text, of which nothing else is used. */
export function idsIn(text: string): AdvisoryIds {
  const cves = Array.from(text.matchAll(CVE), ([id]) => id.toUpperCase());
  const advisories = Array.from(text.matchAll(ADVISORY), ([, kind = '', number = '']) => `${kind}-${number}`);
  return { advisories: sortedIds(advisories).slice(0, IDS_MAX), cves: sortedIds(cves).slice(0, IDS_MAX) };
}

/** All ids of several. */
export function allIds(all: readonly AdvisoryIds[]): AdvisoryIds {
  return {
    advisories: sortedIds(all.flatMap((each) => each.advisories)),
    cves: sortedIds(all.flatMap((each) => each.cves)),
  };
}

function sortedIds(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].toSorted();
}
