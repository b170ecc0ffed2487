import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { failureOf, type FailingRollout, truthBefore, until } from '../support/failing-rollout.ts';
import { FailureFleet } from '../support/failure-fleet.ts';
import { RedfishSimulator } from '../support/redfish/redfish-simulator.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

const password = 'secret-of-the-bmc';

describe('a host that does not return from its reboot, by the policy powerCycle', function () {
  this.timeout(180_000);
  let fleet: FailureFleet;
  let bmc: RedfishSimulator;

  before('bring up hosts, controller and the management controller of web-1', async () => {
    bmc = await RedfishSimulator.start({ user: 'zdms', password, reset: () => fleet.lab.host('web-1').powerOn() });
    const passwordFile = join(temporaryDirectory(), 'password');
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    const { url, fingerprint } = bmc;
    fleet = await FailureFleet.up({ 'web-1': { redfish: { url, user: 'zdms', passwordFile, fingerprint } } });
    fleet.writeFleet(2, '{ noReturn: powerCycle, stopAfter: { hosts: 4 } }');
  });

  afterEach('the fleet is well, and no user noticed', async () => {
    fleet.lab.host('web-1').system.faults.reboot = 'once';
    bmc.mend();
    bmc.acted.length = 0;
    await fleet.assertWell();
  });

  after('take them down', async () => {
    await fleet.down();
    await bmc.close();
    removeTemporaryDirectories();
  });

  async function startLost(host: 'web-1' | 'web-2'): Promise<FailingRollout> {
    fleet.lab.host(host).system.faults.reboot = 'never-returns';
    return fleet.start([host], { reboot: 'always' });
  }

  function boots(rollout: FailingRollout, host: 'web-1' | 'web-2'): number {
    return fleet.truth(host).boots - truthBefore(rollout.plan, host).boots;
  }

  it('has its power cycled once, boots once, and is done', async () => {
    const rollout = await startLost('web-1');
    assert.equal((await rollout.untilEnded()).state, 'done');
    assert.deepEqual(
      bmc.acted.map(({ body }) => body['ResetType']),
      ['PowerCycle'],
    );
    assert.equal(boots(rollout, 'web-1'), 1);
  });

  it('is not switched twice when the reply is lost', async () => {
    bmc.fail({ kind: 'lost-after' }, /^POST/);
    const rollout = await startLost('web-1');
    assert.equal((await rollout.untilEnded()).state, 'done');
    assert.equal(bmc.acted.length, 1);
    assert.equal(boots(rollout, 'web-1'), 1);
  });

  it('is not switched twice when the controller is killed meanwhile', async () => {
    const { controller } = fleet.zdms;
    bmc.fail({ kind: 'lost-after' }, /^POST/);
    const rollout = await startLost('web-1');
    const acted = new Promise<void>((resolve) => {
      bmc.onRequest = (line) => {
        if (line.startsWith('POST')) resolve();
      };
    });
    await acted;
    await controller.kill();
    await controller.start();
    assert.equal((await rollout.untilEnded()).state, 'done');
    assert.equal(bmc.acted.length, 1);
    assert.equal(boots(rollout, 'web-1'), 1);
  });

  it('is held when its management controller refuses, and when none is known', async () => {
    bmc.fail({ kind: 'status', status: 403, message: 'no privilege' }, /^POST/);
    for (const [host, code] of [
      ['web-1', 'bmc-refused'],
      ['web-2', 'no-bmc'],
    ] as const) {
      const rollout = await startLost(host);
      const { reason } = await rollout.untilHost(host, 'held');
      assert.equal(failureOf(reason), `step-failed: powerCycle ${code}`);
      const lost = fleet.lab.host(host);
      lost.system.faults.reboot = 'once';
      await lost.powerOn();
      const bootId = lost.system.bootIds.at(-1);
      await until(`the agent of ${host}`, async () => (await fleet.zdms.client.showHost(host)).bootId === bootId);
      await rollout.retry(host);
      assert.equal((await rollout.untilEnded()).state, 'done');
      assert.equal(boots(rollout, host), 1);
    }
  });
});
