import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PackageState } from '../../agent/platform/packages/packages.ts';
import { unknownAdvisories, withIdsThatFit } from '../../agent/survey-ids.ts';

function state(name: string, ids: number, advisoriesKnown = true): PackageState {
  const cves = Array.from({ length: ids }, (_, at) => `CVE-2026-${10_000 + at}`);
  const offer = { version: '2', sha256: 'a', downloadBytes: 1, security: true, origin: '', advisories: [] };
  const common = { name, installed: '1', candidate: '2', held: false, wayBack: 'offered' } as const;
  return { ...common, offers: [{ ...offer, cves, advisoriesKnown }] };
}

describe('the ids of a survey', () => {
  it('stay where they fit', () => {
    assert.deepEqual(withIdsThatFit([state('a1', 5)]), [state('a1', 5)]);
  });

  it('are left out with a word where one version has too many, or all of them together', () => {
    const many = Array.from({ length: 5 }, (_, at) => state(`p${at}`, 2500));

    const fitting = withIdsThatFit([state('kernel', 3001), ...many]);

    assert.deepEqual(
      fitting.map(({ offers }) => [offers[0]?.cves.length, offers[0]?.advisoriesKnown]),
      [
        [0, false],
        [2500, true],
        [2500, true],
        [2500, true],
        [2500, true],
        [0, false],
      ],
    );
  });

  it('that are not known are told once, in words', () => {
    const unknown = ['a1', 'b1', 'c1', 'd1'].map((name) => state(name, 0, false));

    assert.equal(unknownAdvisories([state('known', 1)]), null);
    assert.equal(
      unknownAdvisories([...unknown, state('known', 1)]),
      'which CVEs they close is not known of 4 of 5 updates, for their sources have no changelog or advisory of them: a1 2, b1 2, c1 2 and 1 more',
    );
  });

  it('of what is not pending are none of these', () => {
    assert.equal(unknownAdvisories([{ ...state('pinned', 0, false), candidate: '1' }]), null);
  });
});
