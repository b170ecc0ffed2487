import { allIds } from '../advisory-ids.ts';
import type { PackageOffer } from '../packages.ts';
import { compareRpmVersions } from './rpm-version.ts';

/** One advisory of a repository (updateinfo), as far as it speaks of one package. */
export type RpmAdvisory = {
  readonly id: string;
  /** `security`, `bugfix`, `enhancement` or what else the repository says; '' when it says nothing. */
  readonly kind: string;
  /** As the repository writes it: `Important`, `moderate`, ...; '' when it says nothing. */
  readonly severity: string;
  readonly cves: readonly string[];
  /** The versions of the package that bring it. */
  readonly versions: readonly string[];
};

/** The advisories that a host with `installed` would be done with by `version`: those of newer versions, up to this one. */
export function advisoriesClosedBy(
  version: string,
  installed: string,
  advisories: readonly RpmAdvisory[],
): readonly RpmAdvisory[] {
  return advisories.filter((advisory) =>
    advisory.versions.some(
      (fixed) => compareRpmVersions(fixed, installed) > 0 && compareRpmVersions(fixed, version) <= 0,
    ),
  );
}

/** What the metadata of a repository says of a version, without its advisories. */
export type RpmOffer = Omit<PackageOffer, 'security' | 'advisories' | 'cves' | 'advisoriesKnown'>;

/**
 * An offer with what its advisories say. A repository may keep only the newest version: that closes what older ones closed. Of a version
 * without advisory nobody knows what it closes.
 */
export function toOffer(found: RpmOffer, installed: string, advisories: readonly RpmAdvisory[]): PackageOffer {
  const closed = advisoriesClosedBy(found.version, installed, advisories);
  return {
    ...found,
    security: closed.some((advisory) => advisory.kind === 'security'),
    ...allIds(closed.map(({ id, cves }) => ({ advisories: [id], cves }))),
    advisoriesKnown: closed.length > 0,
  };
}
