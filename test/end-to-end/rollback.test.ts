import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { webPackage } from '../../vagrant/in-process/web-service.ts';
import { truthBefore } from '../support/failing-rollout.ts';
import { FailureFleet } from '../support/failure-fleet.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

const hosts = ['web-1', 'web-3'] as const;

describe('zdms rollback', function () {
  this.timeout(180_000);
  let fleet: FailureFleet;

  before('bring up hosts and controller', async () => {
    fleet = await FailureFleet.up();
  });

  afterEach('the fleet is well, and no user noticed', () => fleet.assertWell());

  after('take them down', async () => {
    await fleet.down();
    removeTemporaryDirectories();
  });

  it('brings back what was there, with no mirror that still has it, and at once', async () => {
    fleet.writeLimits({ ramp: 1 });
    const rollout = await fleet.start(hosts);
    assert.equal((await rollout.untilEnded()).state, 'done');
    for (const host of hosts) fleet.lab.host(host).system.faults.mirrorBroken = true;
    fleet.lab.repository.withdraw(webPackage, truthBefore(rollout.plan, 'web-1').version ?? '');
    fleet.writeLimits({ ramp: 1, minimumAge: '24h' });

    const told = await fleet.zdms.mustZdms('rollback', rollout.id, '--yes');

    assert.match(told, /^done 2 hosts/m);
    const again = await fleet.zdms.zdms('rollback', '--yes');
    assert.deepEqual([again.code, /is a way back itself/.test(again.stderr)], [4, true]);
    for (const host of hosts) {
      assert.equal(fleet.truth(host).version, truthBefore(rollout.plan, host).version);
      fleet.lab.host(host).system.faults.mirrorBroken = false;
    }
    fleet.writeLimits();
  });

  it('refuses to undo what has not ended', async () => {
    const rollout = await fleet.startApplying('web-1', { installDelayMs: 600 });

    const planned = fleet.zdms.client.plan('undo.yaml', `where: all\npackages: undo ${rollout.id}\n`);

    await assert.rejects(planned, { code: 'ZDMS_ROLLOUT_STATE', message: /what has not ended cannot be undone/ });
    assert.equal((await rollout.untilEnded()).state, 'done');
  });
});
