import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'mocha';
import type { Firmware } from '../../../../agent/platform/firmware/firmware.ts';
import { createFwupd } from '../../../../agent/platform/firmware/fwupd.ts';
import type { StepContext } from '../../../../agent/platform/step-context.ts';
import { StepFailure } from '../../../../agent/platform/step-failure.ts';
import type { OrderedFirmware } from '../../../../proto/zdms/v1/executor.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';
import { type Answer, RecordedCommands } from '../packages/recorded-commands.ts';
import { BETWEEN, DEVICE, devices, moments, NEW, NEW_SHA256, OLD, refusal, withoutBoot } from './recorded.ts';

const PLAN = 'a'.repeat(64);
const OTHER_PLAN = 'b'.repeat(64);
const wanted: OrderedFirmware = { device: DEVICE, version: NEW, from: OLD, sha256: NEW_SHA256 };
const context: StepContext = {
  ...{ logPath: '/dev/null', note: () => undefined, remark: () => undefined },
  measure: async (_, work) => work(),
};

describe('firmware by fwupd', () => {
  let commands: RecordedCommands;
  let records: string;
  let firmware: Firmware;
  let device: object;
  after(removeTemporaryDirectories);
  beforeEach(() => {
    device = moments.ready;
    commands = new RecordedCommands();
    commands.answers = [['get-devices', () => ({ stdout: devices(device) })]];
    records = join(temporaryDirectory(), 'firmware');
    firmware = createFwupd(commands, { records, now: () => 42 });
  });

  const recordFile = () => join(records, `${DEVICE}.json`);
  const installs = () => commands.ran.filter((command) => command.startsWith('fwupdmgr install'));

  /** What `fwupdmgr install` says, and what the device is afterwards. */
  function onInstall(answer: Answer, becomes: object = device): void {
    commands.answers.push([
      'install',
      () => {
        device = becomes;
        return answer;
      },
    ]);
  }

  async function failureOf(work: Promise<unknown>): Promise<string> {
    const failure = await work.then(
      () => assert.fail('it succeeded'),
      (error: unknown) => error,
    );
    assert.ok(failure instanceof StepFailure, String(failure));
    return `${failure.code}: ${failure.message}`;
  }

  const check = (one = wanted) => firmware.check(PLAN, [one]);
  const write = (one = wanted, plan = PLAN) => firmware.write(plan, [one], context);

  describe('surveyed', () => {
    it('lists the devices that it can update, with what is on offer for each', async () => {
      const [found, ...others] = await firmware.survey();

      assert.deepEqual(others, []);
      assert.deepEqual(found?.offers[0], { version: NEW, sha256: NEW_SHA256 });
      assert.deepEqual(
        { ...found, offers: [] },
        {
          ...{ id: DEVICE, name: 'System Firmware', version: OLD, needsReboot: true },
          offers: [],
        },
      );
    });

    it('offers nothing older, and nothing that an administrator has blocked', async () => {
      const [first, second] = moments.ready.Releases;
      device = {
        ...moments.ready,
        Releases: [
          { ...first, Flags: ['is-upgrade', 'blocked-approval'] },
          { ...second, Flags: ['is-downgrade'] },
        ],
      };

      assert.deepEqual((await firmware.survey())[0]?.offers, []);
    });

    it('leaves out what cannot be updated now', async () => {
      device = moments.awaitsBoot;

      assert.deepEqual(await firmware.survey(), []);
    });

    it('has no devices, and no error, on a host without fwupd or without devices', async () => {
      for (const answer of [{ exitCode: null, stderr: 'spawn fwupdmgr ENOENT' }, { exitCode: 2 }]) {
        commands.answers = [['get-devices', answer]];
        assert.deepEqual(await firmware.survey(), []);
      }
    });

    it('says so where fwupd does not answer', async () => {
      commands.answers = [['get-devices', { exitCode: 1, stdout: refusal('the daemon is away', 'GDBusError') }]];

      await assert.rejects(firmware.survey(), /the daemon is away/);
    });
  });

  describe('checked', () => {
    it('is good where exactly that is on offer', () => check());

    it('is good where the device has it already, offered or not', () => {
      device = moments.done;
      return check();
    });

    const refusals = [
      ['a device that is not there', wanted, () => devices(), /^firmware-unobtainable: fwupd knows no device b55/],
      ['a version that is not on offer', { ...wanted, version: '65589' }, null, /^firmware-unobtainable: .*65589/],
      [
        'another file than was planned',
        { ...wanted, sha256: 'c'.repeat(64) },
        null,
        /^firmware-unobtainable: .*not what was planned/,
      ],
      ['a device that has moved on', { ...wanted, from: BETWEEN }, null, /^not-as-planned: .*65586.*65588/],
      ['an update that waits for its boot', wanted, () => devices(moments.awaitsBoot), /^firmware-not-ready: .*boot/],
      [
        'a host without mains power',
        wanted,
        () => devices({ ...moments.ready, Flags: ['updatable-hidden'], Problems: ['require-ac-power'] }),
        /^firmware-not-ready: .*require-ac-power/,
      ],
    ] as const;
    for (const [what, one, answer, expected] of refusals)
      it(`is refused for ${what}`, async () => {
        if (answer !== null) commands.answers = [['get-devices', { stdout: answer() }]];

        assert.match(await failureOf(check(one)), expected);
      });

    it('is refused without fwupd', async () => {
      commands.answers = [['get-devices', { exitCode: null, stderr: 'spawn fwupdmgr ENOENT' }]];

      assert.match(await failureOf(check()), /^fwupd-unavailable: fwupdmgr is not installed/);
    });
  });

  describe('written', () => {
    it('is told to fwupd as this device and exactly this version, and waits for a boot', async () => {
      onInstall({}, moments.awaitsBoot);

      assert.deepEqual(await write(), { awaitBoot: ['System Firmware'] });

      assert.match(installs().join('\n'), new RegExp(`^fwupdmgr install ${DEVICE} ${NEW} --assume-yes --json`));
      assert.equal(installs().length, 1);
    });

    it('is on disk as begun before fwupd is told', async () => {
      let found = '';
      commands.answers.push([
        'install',
        () => {
          found = readFileSync(recordFile(), 'utf8');
          return {};
        },
      ]);

      await write();

      const { result, ...begun } = JSON.parse(found) as Record<string, unknown>;
      assert.equal(result, null);
      assert.deepEqual(begun, { v: 1, device: DEVICE, plan: PLAN, from: OLD, version: NEW, begunAt: 42 });
    });

    it('waits for nothing where the device runs it at once', async () => {
      device = withoutBoot;
      onInstall({}, { ...withoutBoot, Version: NEW });

      assert.deepEqual(await write(), { awaitBoot: [] });
    });

    it('is not written where the device has it already', async () => {
      device = moments.done;

      assert.deepEqual(await write(), { awaitBoot: [] });
      assert.deepEqual(installs(), []);
    });

    it('is not written again under the same plan, and still waits for its boot', async () => {
      onInstall({}, moments.awaitsBoot);
      await write();

      await check();
      assert.deepEqual(await write(), { awaitBoot: ['System Firmware'] });
      assert.equal(installs().length, 1);
    });

    it('fails in the words of fwupd, and is tried again under another plan only', async () => {
      onInstall({ exitCode: 1, stdout: refusal('failed to write-firmware: device was not in supported mode') });

      assert.match(await failureOf(write()), /^firmware-failed: .*not in supported mode/);
      assert.match(await failureOf(write()), /^firmware-failed: .*not in supported mode/);
      assert.equal(installs().length, 1);

      await failureOf(write(wanted, OTHER_PLAN));
      assert.equal(installs().length, 2);
    });

    it('fails where fwupd is content and the device runs the old one all the same', async () => {
      device = withoutBoot;
      onInstall({});

      assert.match(await failureOf(write()), /^firmware-failed: .*runs 65586 and not 65590/);
    });

    it('is never written again under any plan after a crash in the middle of it', async () => {
      commands.answers.push([
        'install',
        () => {
          throw new Error('power cut');
        },
      ]);
      await assert.rejects(write(), /power cut/);
      assert.ok(existsSync(recordFile()));

      const again = [() => write(), () => write(wanted, OTHER_PLAN), () => firmware.check(OTHER_PLAN, [wanted])];
      for (const attempt of again)
        assert.match(await failureOf(attempt()), /^firmware-unknown: .*remove .*b55e6bfe.*\.json and retry/);
      assert.equal(installs().length, 1);
    });

    it('is written when a person has looked, and removed what was begun', async () => {
      commands.answers.push(['install', { exitCode: null, timedOut: true }]);
      assert.match(await failureOf(write()), /^firmware-unknown: .*left running/);
      commands.answers.pop();
      rmSync(recordFile());
      onInstall({}, moments.awaitsBoot);

      await write();

      assert.equal(installs().length, 2);
    });

    it('is done after a crash where the device itself says so by its version', async () => {
      commands.answers.push(['install', { exitCode: null, timedOut: true }]);
      await failureOf(write());
      device = moments.done;

      await check();
      assert.deepEqual(await write(), { awaitBoot: [] });
    });

    it('is unknown where the daemon went away in the middle of it', async () => {
      onInstall({ exitCode: 1, stdout: refusal('the connection is closed', 'GDBusError') });

      assert.match(await failureOf(write()), /^firmware-unknown: .*ended with code 1 and no word of fwupd/);
    });

    it('is unknown where nobody can read what was begun', async () => {
      onInstall({}, moments.awaitsBoot);
      await write();
      writeFileSync(recordFile(), '{');

      assert.match(await failureOf(write()), /^firmware-unknown/);
    });
  });

  describe('proven after the boot', () => {
    it('is what the device runs', () => {
      device = moments.done;
      return firmware.prove([wanted], true);
    });

    it('may wait for its boot on a host that goes back to its users without one, and only there', async () => {
      device = moments.awaitsBoot;

      await firmware.prove([wanted], false);
      assert.match(await failureOf(firmware.prove([wanted], true)), /^firmware-failed/);
    });

    it('fails with the reason that the machine gave', async () => {
      device = moments.failed;

      assert.match(
        await failureOf(firmware.prove([wanted], true)),
        /^firmware-failed: System Firmware runs 65586 and not 65590: boot entry missing/,
      );
    });
  });
});
