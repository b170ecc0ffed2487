import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FirmwareDevice } from '../../agent/platform/firmware/firmware.ts';
import type { SurveyedFile } from '../../agent/platform/files/files.ts';
import type { PackageState } from '../../agent/platform/packages/packages.ts';
import { survey } from '../../agent/survey.ts';
import type { SurveyParts } from '../../agent/survey.ts';

const zdemo: PackageState = {
  name: 'zdemo',
  installed: '1',
  candidate: '2',
  offers: [],
  held: false,
  wayBack: 'offered',
};

const bios: FirmwareDevice = {
  ...{ id: 'a'.repeat(40), name: 'System Firmware', version: '7', needsReboot: true },
  offers: [{ version: '8', sha256: null }],
};

const file: SurveyedFile = { path: '/etc/motd', drift: [] };

const used = { usedBy: ['zdemo.service'], rebootBecause: '' };

function partsOf(changes: Partial<SurveyParts> = {}): SurveyParts {
  return {
    packages: { survey: async () => [zdemo] },
    boot: { rebootNeeded: async () => ({ needed: 'yes', reasons: ['linux-image'] }) },
    leftovers: {
      find: async () => ({
        units: [
          { unit: 'nginx.service', handling: 'restart', files: ['/usr/lib/libssl.so.3'] },
          { unit: 'backup.service', handling: 'passing', files: ['/usr/lib/libssl.so.3'] },
        ],
        manager: [],
        sessionProcesses: 0,
        strays: [],
      }),
      use: async () => new Map([['zdemo', { usedBy: ['zdemo.service'], rebootBecause: null }]]),
    },
    updaters: { patching: async () => ['apt-daily-upgrade.timer'] },
    snapshots: { arePossible: async () => true },
    firmware: { survey: async () => [bios] },
    files: { survey: async () => [file] },
    readHardwareModel: async () => 'Acme 1',
    now: () => 42,
    ...changes,
  };
}

describe('a survey', () => {
  it('says what is on offer, who uses it, what runs old files and whether a reboot is needed', async () => {
    assert.deepEqual(await survey(partsOf(), { refresh: true }), {
      survey: {
        surveyedAtMs: 42,
        rebootNeeded: true,
        rebootReasons: ['linux-image'],
        staleServices: ['nginx.service'],
        updaters: ['apt-daily-upgrade.timer'],
        keepsRoot: true,
        firmware: [{ ...bios, offers: [{ version: '8', sha256: '' }] }],
        packages: [{ ...zdemo, ...used }],
        usesKnown: true,
        files: [file],
        filesKnown: true,
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
    assert.deepEqual(found.packages, [{ ...zdemo, ...used }]);
    assert.equal(found.error, 'new package lists: mirror is away');
  });

  it('goes on when one part cannot be found out, and unknown is not a need', async () => {
    const boot = { rebootNeeded: async () => Promise.reject(new Error('no needrestart')) };
    const { survey: found, hardwareModel } = await survey(partsOf({ boot }), { refresh: false });
    assert.equal(found.rebootNeeded, false);
    assert.equal(found.error, 'reboot needed: no needrestart');
    assert.equal(hardwareModel, 'Acme 1');
  });

  it('names the files first that are no longer as zdms put them, and no more than a report carries', async () => {
    const drifted: SurveyedFile = { path: '/etc/shop', drift: ['content'] };
    const files = { survey: async () => [...new Array<SurveyedFile>(200).fill(file), drifted] };
    const { survey: found } = await survey(partsOf({ files }), { refresh: false });
    assert.deepEqual(found.files, [drifted, ...new Array<SurveyedFile>(199).fill(file)]);
    assert.equal(found.error, '201 files were put there by zdms, only 200 are listed');
  });

  it('says nothing of files that it could not look at', async () => {
    const files = { survey: async () => Promise.reject(new Error('the record is damaged')) };
    const { survey: found } = await survey(partsOf({ files }), { refresh: false });
    assert.deepEqual([found.filesKnown, found.files], [false, []]);
    assert.equal(found.error, 'files: the record is damaged');
  });

  it('does not call a package unused where nobody could see who uses it', async () => {
    const leftovers = { ...partsOf().leftovers, use: async () => Promise.reject(new Error('/proc is away')) };
    const { survey: found } = await survey(partsOf({ leftovers }), { refresh: false });
    assert.equal(found.usesKnown, false);
    assert.equal(found.error, 'the use of packages: /proc is away');
  });
});
