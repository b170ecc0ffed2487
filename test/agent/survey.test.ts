import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PackageState } from '../../agent/platform/packages/packages.ts';
import { survey } from '../../agent/survey.ts';
import type { SurveyParts } from '../../agent/survey.ts';

const zdemo: PackageState = { name: 'zdemo', installed: '1', candidate: '2', offers: [], held: false };

function partsOf(changes: Partial<SurveyParts> = {}): SurveyParts {
  return {
    packages: { survey: async () => [zdemo] },
    boot: { rebootNeeded: async () => ({ needed: 'yes', reasons: ['linux-image'], staleServices: ['nginx.service'] }) },
    updaters: { patching: async () => ['apt-daily-upgrade.timer'] },
    readHardwareModel: async () => 'Acme 1',
    now: () => 42,
    ...changes,
  };
}

describe('a survey', () => {
  it('says what is on offer and whether a reboot is needed', async () => {
    assert.deepEqual(await survey(partsOf(), { refresh: true }), {
      survey: {
        surveyedAtMs: 42,
        rebootNeeded: true,
        rebootReasons: ['linux-image'],
        staleServices: ['nginx.service'],
        updaters: ['apt-daily-upgrade.timer'],
        packages: [zdemo],
        error: '',
      },
      hardwareModel: 'Acme 1',
    });
  });

  it('falls back to the package lists as they are when there are no new ones, and says so', async () => {
    const packages = {
      survey: async (refresh: boolean) => {
        if (refresh) throw new Error('mirror is away');
        return [zdemo];
      },
    };
    const { survey: found } = await survey(partsOf({ packages }), { refresh: true });
    assert.deepEqual(found.packages, [zdemo]);
    assert.equal(found.error, 'new package lists: mirror is away');
  });

  it('goes on when one part cannot be found out, and unknown is not a need', async () => {
    const boot = { rebootNeeded: async () => Promise.reject(new Error('no needrestart')) };
    const { survey: found, hardwareModel } = await survey(partsOf({ boot }), { refresh: false });
    assert.equal(found.rebootNeeded, false);
    assert.equal(found.error, 'reboot needed: no needrestart');
    assert.equal(hardwareModel, 'Acme 1');
  });
});
