import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PackageState } from '../../agent/platform/packages/packages.ts';
import { withOffersThatFit } from '../../agent/survey-offers.ts';

/** A package of which so many versions are on offer, the newest first. */
function withOffers(count: number): PackageState {
  const common = { sha256: '', downloadBytes: 1, security: false, origin: '' };
  const offers = Array.from({ length: count }, (_, at) => {
    return { ...common, version: String(count - at), advisories: [], cves: [], advisoriesKnown: true };
  });
  return { ...{ name: 'zdemo', installed: '0', candidate: '1', held: false }, wayBack: 'offered', offers };
}

function countsOf(packages: readonly PackageState[]): readonly number[] {
  return withOffersThatFit(packages).map(({ offers }) => offers.length);
}

describe('the versions that a survey lists', () => {
  it('are all of a package of which a repository keeps many, up to a hundred', () => {
    assert.deepEqual(countsOf([withOffers(1), withOffers(11), withOffers(300)]), [1, 11, 100]);
  });

  it('are the newest of each where there are too many in all', () => {
    const many = Array.from({ length: 40 }, () => withOffers(100));

    const counts = countsOf(many);

    assert.equal(counts[0], 100);
    assert.equal(counts.at(-1), 8);
    assert.equal(withOffersThatFit(many).at(-1)?.offers[0]?.version, '100');
    assert.equal(
      counts.reduce((sum, count) => sum + count - 8, 0),
      2000,
    );
  });
});
