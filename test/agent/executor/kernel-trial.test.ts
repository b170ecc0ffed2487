import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { runJob } from '../../../agent/executor/run-job.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';
import { BOOT_A, ExecutorRig, outcomeOf } from './executor-rig.ts';

const TOKEN = 'r1.web-1.step.1';

describe('a kernel that is to be tried', () => {
  let rig: ExecutorRig;
  beforeEach(() => (rig = new ExecutorRig()));
  afterEach(() => rig.remove());

  async function apply(): Promise<string> {
    await rig.send({ verb: 'apply' });
    await runJob(TOKEN, { paths: rig.paths, platform: rig.host.platform() });
    return outcomeOf(await rig.status());
  }

  it('has its trial begun by the apply, before anybody orders the reboot', async () => {
    assert.equal(await apply(), 'succeeded');
    assert.equal(rig.host.trial, 'begun');
    assert.equal(rig.host.reboots, 0);
  });

  it('makes the apply fail when it could not start', async () => {
    rig.host.trialFailure = new StepFailure('initrd-incomplete', 'cut off');
    assert.equal(await apply(), 'initrd-incomplete');
  });

  it('is kept by a verification that found all well, and by no other', async () => {
    rig.host.trial = 'begun';
    const rounds = { checks: [], times: 1, intervalMs: 50, withinMs: 1000 };
    const verify = { ...rounds, verb: 'verify' as const, expect: 'packages' as const, afterReboot: true };
    assert.equal(outcomeOf(await rig.send(verify, { token: 'r1.web-1.verify.1' })), 'versions-differ');
    assert.equal(rig.host.trial, 'begun');
    rig.host.installed = '1.1.0';
    assert.equal(outcomeOf(await rig.send(verify, { token: 'r1.web-1.verify.2' })), 'succeeded');
    assert.equal(rig.host.trial, 'kept');
  });
});

describe('what speaks against a reboot', () => {
  let rig: ExecutorRig;
  beforeEach(() => {
    rig = new ExecutorRig();
    rig.host.hindrances = [{ code: 'raid-degraded', message: 'md0' }];
  });
  afterEach(() => rig.remove());

  it('refuses a host in preflight, whose order may reboot it', async () => {
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'raid-degraded');
  });

  it('is asked once more before the reboot', async () => {
    await rig.send({ verb: 'reboot', bootIdBefore: BOOT_A });
    assert.equal(outcomeOf(await rig.status(TOKEN, 5000)), 'raid-degraded');
    assert.equal(rig.host.reboots, 0);
  });
});

describe('people who are logged in', () => {
  let rig: ExecutorRig;
  beforeEach(() => {
    rig = new ExecutorRig();
    rig.host.loggedIn = [{ code: 'users-logged-in', message: 'ada from 10.0.0.7' }];
  });
  afterEach(() => rig.remove());

  it('are nobody to an order that does not ask for them', async () => {
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'succeeded');
  });

  it('keep a host from one that does, where it may reboot the host', async () => {
    rig.order = { ...rig.order, loggedInUsers: 'refuse' };
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'users-logged-in');
  });

  it('keep nothing from an order that never reboots', async () => {
    rig.order = { ...rig.order, loggedInUsers: 'refuse', verbs: rig.order.verbs.filter((verb) => verb !== 'reboot') };
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'succeeded');
  });
});
