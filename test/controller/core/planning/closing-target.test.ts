import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { PackageOffer, PackageState, Survey } from '../../../../controller/core/inventory.ts';
import { closingTarget } from '../../../../controller/core/planning/closing-target.ts';
import type { Target } from '../../../../controller/core/planning/target-packages.ts';
import { nothingQuarantined } from '../../../../controller/core/quarantine.ts';
import { noon } from '../../../support/world-of.ts';

const cve = 'CVE-2026-1234';
const other = 'CVE-2026-9999';

/** The newest first, each with the ids that it closes; null: nobody knows. */
type Offers = readonly (readonly [version: string, ids: readonly string[] | null])[];

function offersOf(offers: Offers): readonly PackageOffer[] {
  return offers.map(([version, ids]) => ({
    ...{ version, sha256: null, downloadBytes: 1, security: false, advisories: [] },
    ...{ cves: ids ?? [], advisoriesKnown: ids !== null },
  }));
}

/** Whose candidate is the newest on offer, unless told. */
function stateOf(name: string, offers: Offers, more: Partial<PackageState> = {}): PackageState {
  return { name, installed: '1', candidate: offers[0]?.[0] ?? '1', held: false, offers: offersOf(offers), ...more };
}

function surveyOf(...packages: readonly PackageState[]): Survey {
  return { surveyedAt: noon, rebootNeeded: false, rebootReasons: [], error: '', packages };
}

function closing(survey: Survey, cves: readonly string[] = [cve], except: readonly string[] = []): Target {
  return closingTarget({ cves, except }, survey, nothingQuarantined);
}

function versions(target: Target): unknown {
  return target.kind === 'none' ? target.reason.code : target.packages.map(({ name, version }) => `${name} ${version}`);
}

describe('what closes a CVE on a host', () => {
  it('is the version that the host would take anyway, where that comes after the one that closes it', () => {
    const offers: Offers = [
      ['3', []],
      ['2', [cve]],
    ];

    assert.deepEqual(versions(closing(surveyOf(stateOf('curl', offers)))), ['curl 3']);
  });

  it('is the newest that names it, where the host would take one before that', () => {
    const offers: Offers = [
      ['4', [cve]],
      ['3', [cve]],
      ['2', []],
    ];

    assert.deepEqual(versions(closing(surveyOf(stateOf('curl', offers, { candidate: '2' })))), ['curl 4']);
  });

  it('closes all of several ids, each of which may be named by another version', () => {
    const offers: Offers = [
      ['4', []],
      ['3', [other]],
      ['2', [cve]],
    ];
    const survey = surveyOf(stateOf('curl', offers, { candidate: '2' }));

    assert.deepEqual(versions(closing(survey, [cve])), ['curl 2']);
    const target = closing(survey, [cve, other]);
    assert.deepEqual(versions(target), ['curl 3']);
    assert.deepEqual(target.kind === 'packages' ? target.closes : null, [cve, other]);
  });

  it('is in every package that has it, but for those that the change leaves out', () => {
    const survey = surveyOf(
      stateOf('curl', [['2', [cve]]]),
      stateOf('libcurl4', [['2', [cve]]]),
      stateOf('vim', [['2', []]]),
    );

    assert.deepEqual(versions(closing(survey)), ['curl 2', 'libcurl4 2']);
    assert.deepEqual(versions(closing(survey, [cve], ['curl'])), ['libcurl4 2']);
  });

  it('is nothing where no offer names it, or nothing is on offer', () => {
    assert.equal(versions(closing(surveyOf(stateOf('curl', [['2', [other]]])))), 'nothing-to-do');
    assert.equal(versions(closing(surveyOf())), 'nothing-to-do');
  });

  it('is nothing where a rollout has brought it since the survey', () => {
    const offers: Offers = [
      ['3', [cve]],
      ['2', [cve]],
    ];

    assert.equal(versions(closing(surveyOf(stateOf('curl', offers, { installed: '2' })))), 'nothing-to-do');
  });

  it('is not known where nobody can say of any update what it closes', () => {
    const [unknown, known] = [stateOf('docker-ce', [['2', null]]), stateOf('curl', [['2', []]])];

    assert.deepEqual(closing(surveyOf(unknown, stateOf('vim', [['3', null]]))), {
      kind: 'none',
      reason: { code: 'advisories-unknown', updates: 2, package: 'docker-ce', version: '2' },
    });
    assert.equal(versions(closing(surveyOf(unknown, known))), 'nothing-to-do');
  });

  it('is not to be had where it is on hold', () => {
    assert.deepEqual(closing(surveyOf(stateOf('curl', [['2', [cve]]], { held: true }))), {
      kind: 'none',
      reason: { code: 'package-held', package: 'curl' },
    });
  });

  it('is not to be had where a person has pinned it away', () => {
    assert.deepEqual(closing(surveyOf(stateOf('curl', [['2', [cve]]], { candidate: '1' }))), {
      kind: 'none',
      reason: { code: 'fix-pinned-away', package: 'curl', installed: '1', version: '2' },
    });
  });

  it('is had in part where the rest is kept back, and then the CVE is not called closed', () => {
    const survey = surveyOf(
      stateOf('curl', [['2', [cve, other]]]),
      stateOf('libcurl4', [['2', [cve]]], { held: true }),
      stateOf('openssl', [['2', [cve]]], { candidate: '1' }),
    );

    const target = closing(survey, [cve, other]);

    assert.ok(target.kind === 'packages');
    assert.deepEqual(versions(target), ['curl 2']);
    assert.deepEqual([target.held, target.pinned, target.closes], [['libcurl4'], ['openssl'], [other]]);
  });
});

/** Versions are numbers; `ids` by version: what that one closes. The survey is as an agent would make it. */
interface Known {
  readonly installed: number;
  readonly candidate: number;
  readonly held: boolean;
  readonly ids: readonly (readonly string[])[];
  /** Each offer names what has been closed since the installed version, and not only what it closes itself. */
  readonly sums: boolean;
}

const known: fc.Arbitrary<Known> = fc
  .record({
    ids: fc.array(fc.subarray([cve, other]), { minLength: 2, maxLength: 6 }),
    place: fc.nat(),
    candidatePlace: fc.nat(),
    held: fc.boolean(),
    sums: fc.boolean(),
  })
  .map(({ ids, place, candidatePlace, held, sums }) => {
    const installed = place % ids.length;
    const candidate = installed + (candidatePlace % (ids.length - installed));
    return { installed, candidate, held, ids, sums };
  });

function surveyed(name: string, { installed, candidate, held, ids, sums }: Known): PackageState {
  const offers = ids.flatMap((own, version): Offers => {
    if (version === installed) return [];
    const since = ids.slice(installed + 1, version + 1).flat();
    return [[`${version}`, version < installed ? null : [...new Set(sums ? since : own)].toSorted()]];
  });
  return { name, installed: `${installed}`, candidate: `${candidate}`, held, offers: offersOf(offers.toReversed()) };
}

/** Is it open in this version? */
function isOpen({ ids, installed }: Known, id: string, version = installed): boolean {
  return ids.slice(version + 1).some((each) => each.includes(id));
}

describe('whatever hosts have and are offered, what closes CVEs', () => {
  const wanted = fc.subarray([cve, other], { minLength: 1 });

  it('is newer than what is there, on offer, and closes each of them that is open', () => {
    fc.assert(
      fc.property(known, wanted, (one, asked) => {
        const target = closing(surveyOf(surveyed('curl', one)), asked);
        if (target.kind === 'none') return;
        const version = Number(target.packages[0]?.version);
        assert.ok(version > one.installed && version < one.ids.length);
        for (const id of asked.filter((each) => isOpen(one, each)))
          assert.ok(
            one.ids.slice(one.installed + 1, version + 1).some((each) => each.includes(id)),
            id,
          );
      }),
    );
  });

  it('is there for every host where one is open, unless its owner keeps it back', () => {
    fc.assert(
      fc.property(known, wanted, (one, asked) => {
        const target = closing(surveyOf(surveyed('curl', one)), asked);
        const open = asked.filter((id) => isOpen(one, id));
        const isKept = one.held || one.candidate === one.installed;
        assert.equal(target.kind === 'packages', open.length > 0 && !isKept);
        if (target.kind === 'packages') assert.deepEqual([...target.closes], open.toSorted());
        else assert.equal(target.reason.code === 'nothing-to-do', open.length === 0);
      }),
    );
  });

  it('never touches a package that is on hold or pinned', () => {
    fc.assert(
      fc.property(fc.array(known, { maxLength: 5 }), wanted, (all, asked) => {
        const target = closing(surveyOf(...all.map((each, at) => surveyed(`p${at}`, each))), asked);
        if (target.kind === 'none') return;
        for (const { name } of target.packages) {
          const one = all[Number(name.slice(1))];
          assert.ok(one !== undefined && !one.held && one.candidate > one.installed);
        }
      }),
    );
  });
});
