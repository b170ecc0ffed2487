import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { StepFailure } from '../../../agent/platform/step-failure.ts';
import type { Evidence, OrderedFirmware } from '../../../proto/zdms/v1/executor.ts';
import { ExecutorRig, outcomeOf } from './executor-rig.ts';

const bios: OrderedFirmware = { device: 'b'.repeat(40), version: '8', from: '7', sha256: null };

function verify(expect: 'packages' | 'wayBack') {
  const row = { checks: [], times: 1, intervalMs: 50, withinMs: 1000 };
  return { verb: 'verify' as const, expect, afterReboot: true, ...row };
}

describe('an order that brings firmware', () => {
  let rig: ExecutorRig;
  beforeEach(() => {
    rig = new ExecutorRig();
    rig.order = { ...rig.order, firmware: [bios] };
    rig.host.reboot = { needed: 'no', reasons: [] };
  });
  afterEach(() => rig.remove());

  async function evidenceOf(verb: 'apply' | 'rollback'): Promise<Evidence> {
    const reply = await rig.carriedOut(verb);
    assert.equal(outcomeOf(reply), 'succeeded');
    assert.ok(reply.kind === 'finished');
    return reply.outcome.evidence;
  }

  it('has it judged before the host costs anything', async () => {
    rig.host.firmware.failures.set('check', new StepFailure('firmware-not-ready', 'no mains power'));

    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { token: rig.newToken() })), 'firmware-not-ready');
  });

  it('writes it last, after packages and files, and says that a boot is needed', async () => {
    const { rebootNeeded, remarks } = await evidenceOf('apply');

    assert.deepEqual(rig.host.firmware.work, ['write with zdemo 1.1.0']);
    assert.equal(rebootNeeded, true);
    assert.match(remarks.join('\n'), /^a reboot is needed: System Firmware has its new firmware only after a boot/m);
  });

  it('writes none where packages could not be brought', async () => {
    rig.host.problemAfterInstall = 'bad configuration';

    assert.equal(outcomeOf(await rig.carriedOut('apply')), 'sshd-broken');

    assert.deepEqual(rig.host.firmware.work, []);
  });

  it('needs no boot where every device runs it at once', async () => {
    rig.host.firmware.awaitBoot = [];

    assert.equal((await evidenceOf('apply')).rebootNeeded, false);
  });

  it('leaves packages alone where it brings firmware only', async () => {
    rig.order = { ...rig.order, packages: [], wayBack: [] };

    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { token: rig.newToken() })), 'succeeded');
    assert.equal((await evidenceOf('apply')).rebootNeeded, true);

    const { packagePreflights, installs } = rig.host;
    assert.deepEqual({ packagePreflights, installs }, { packagePreflights: 0, installs: 0 });
  });

  it('fails with its code when nobody knows what was written', async () => {
    rig.host.firmware.failures.set('write', new StepFailure('firmware-unknown', 'a write was begun'));

    assert.equal(outcomeOf(await rig.carriedOut('apply')), 'firmware-unknown');
  });

  it('is verified by the version that the device runs', async () => {
    rig.host.installed = '1.1.0';
    rig.host.firmware.failures.set('prove', new StepFailure('firmware-failed', 'it runs 7'));

    assert.equal(outcomeOf(await rig.send(verify('packages'), { token: rig.newToken() })), 'firmware-failed');
  });

  it('leaves firmware as it is on the way back, and says so', async () => {
    const { remarks } = await evidenceOf('rollback');

    assert.match(remarks.join('\n'), /firmware of this change is not undone/);
    assert.equal(outcomeOf(await rig.send(verify('wayBack'), { token: rig.newToken() })), 'succeeded');
    assert.deepEqual(rig.host.firmware.work, []);
  });
});
