import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PendingPackages } from '../../../../controller/core/change.ts';
import type { PackageState, Survey } from '../../../../controller/core/inventory.ts';
import { targetPackages, type Target } from '../../../../controller/core/planning/target-packages.ts';
import { inventoryOf, noon, nothingClosed, shopHosts } from '../../../support/world-of.ts';

/** Offers as `version` or `version!` for one that brings security, the newest first. */
function state(name: string, installed: string, ...offers: readonly string[]): PackageState {
  return {
    ...{ name, installed, held: false, candidate: offers[0]?.replace('!', '') ?? installed },
    offers: offers.map((text) => {
      return {
        version: text.replace('!', ''),
        sha256: null,
        downloadBytes: 1,
        security: text.endsWith('!'),
        ...nothingClosed,
      };
    }),
  };
}

function surveyOf(...packages: readonly PackageState[]): Survey {
  return { surveyedAt: noon, rebootNeeded: false, rebootReasons: [], error: '', packages };
}

function pending(which: PendingPackages['pending'], survey: Survey, except: readonly string[] = []): Target {
  return targetPackages({ pending: which, except }, survey);
}

function versions(target: Target): unknown {
  return target.kind === 'none' ? target.reason.code : target.packages.map(({ name, version }) => `${name} ${version}`);
}

describe('what a host has pending', () => {
  const survey = surveyOf(state('curl', '1', '2!'), state('nginx', '1', '3', '2!'), state('vim', '1', '2'));

  it('is all that its package manager would choose', () => {
    assert.deepEqual(versions(pending('all', survey)), ['curl 2', 'nginx 3', 'vim 2']);
  });

  it('is, of security updates alone, the fix, even where something newer is on offer', () => {
    assert.deepEqual(versions(pending('security', survey)), ['curl 2', 'nginx 2']);
  });

  it('is without the packages that the change leaves out', () => {
    assert.deepEqual(versions(pending('all', survey, ['nginx', 'vim'])), ['curl 2']);
  });

  it('is without a version that a person has pinned away', () => {
    assert.equal(
      versions(pending('security', surveyOf({ ...state('curl', '1', '2!'), candidate: '1' }))),
      'nothing-to-do',
    );
    assert.equal(versions(pending('all', surveyOf({ ...state('curl', '1', '2!'), candidate: '1' }))), 'nothing-to-do');
  });

  it('is without what is on hold, which the plan says', () => {
    const target = pending('all', surveyOf({ ...state('curl', '1', '2'), held: true }, state('vim', '1', '2')));

    assert.deepEqual(versions(target), ['vim 2']);
    assert.deepEqual(target.kind === 'packages' ? target.held : null, ['curl']);
  });

  it('is nothing where all of it is on hold', () => {
    assert.equal(versions(pending('all', surveyOf({ ...state('curl', '1', '2'), held: true }))), 'package-held');
  });

  it('is nothing where nothing is on offer', () => {
    assert.equal(versions(pending('all', surveyOf())), 'nothing-to-do');
  });
});

describe('the target of a host', () => {
  const survey = surveyOf(...(inventoryOf(shopHosts)[0]?.report?.survey?.packages ?? []));
  const zdemo = { name: 'zdemo', version: '1.1.0' };
  const addon = { name: 'zweb-addon', version: '2.0' };

  it('is the newest version on offer where the change names none', () => {
    const target = targetPackages([{ name: 'zdemo', version: null }], survey);

    assert.equal(target.kind === 'packages' ? target.packages[0]?.version : '', '1.1.0');
  });

  it('is nothing for a package that is not installed, where the change names no version', () => {
    assert.deepEqual(targetPackages([{ name: 'other', version: null }], survey), {
      kind: 'none',
      reason: { code: 'nothing-to-do' },
    });
  });

  it('may be an older version, when the change says so', () => {
    const newer = { ...survey, packages: survey.packages.map((each) => ({ ...each, installed: '1.1.0' })) };

    const target = targetPackages([{ name: 'zdemo', version: '1.0.0' }], newer);

    assert.deepEqual(target.kind === 'packages' ? [target.packages[0]?.from, target.packages[0]?.version] : [], [
      '1.1.0',
      '1.0.0',
    ]);
  });

  it('is what the host has of several packages, and names what it has not', () => {
    const target = targetPackages([zdemo, addon], survey);

    assert.ok(target.kind === 'packages');
    assert.deepEqual([target.packages.map((each) => each.name), target.unknown], [['zdemo'], ['zweb-addon']]);
  });

  it('is nothing where it has none of them', () => {
    const target = targetPackages([addon], survey);

    assert.deepEqual(target, {
      kind: 'none',
      reason: { code: 'version-not-offered', package: 'zweb-addon', version: '2.0' },
    });
  });
});
