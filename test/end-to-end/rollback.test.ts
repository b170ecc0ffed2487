import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { webPackage } from '../../vagrant/in-process/web-service.ts';
import { truthBefore, until } from '../support/failing-rollout.ts';
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
    fleet.lab.repository.publish(webPackage, truthBefore(rollout.plan, 'web-1').version ?? '');
    fleet.writeLimits();
  });

  it('comes by itself where the policy undoes: all hosts go back, and the version reaches nobody again', async () => {
    fleet.writeFleet(2, '{ onFailure: undo, stopAfter: { hosts: 1 } }');
    const { system } = fleet.lab.host('web-4');
    const rollout = await fleet.start(['web-1', 'web-2', 'web-4'], { atOnce: 1 });
    await rollout.untilHost('web-4', 'apply');
    system.faults.failedUnits = ['zdemo.service'];
    await rollout.untilHost('web-4', 'rollback');
    system.faults.failedUnits = [];
    for (const host of ['web-1', 'web-2']) fleet.lab.host(host).system.faults.mirrorBroken = true;

    assert.equal((await rollout.untilEnded()).state, 'aborted');

    await until('the way back has begun', async () => (await fleet.zdms.client.status('')).id !== rollout.id);
    const { id, change } = await fleet.zdms.client.status('');
    await until('it has ended', async () => (await fleet.zdms.client.status(id)).endedAt !== null);
    assert.equal((await fleet.zdms.client.report(id)).state, 'done');
    assert.equal(change, `undo-${rollout.id}`);
    for (const host of ['web-1', 'web-2', 'web-4']) {
      assert.equal(fleet.truth(host).version, truthBefore(rollout.plan, host).version);
      fleet.lab.host(host).system.faults.mirrorBroken = false;
    }
    const again = await fleet.zdms.zdms(
      'plan',
      fleet.zdms.write('again.yaml', `where: all\npackages: [zdemo=${rollout.version}]\n`),
    );
    assert.match(again.stdout, /quarantined: zdemo .* by the policy/);
    const refused = await fleet.zdms.zdms('apply', rollout.plan.document.hash, '--yes');
    assert.match(refused.stderr, /ZDMS_VERSION_QUARANTINED/);
    assert.match(await fleet.zdms.mustZdms('quarantine', 'ls'), new RegExp(`zdemo=${rollout.version} .*the policy`));
    fleet.writeFleet(2);
  });

  it('refuses to undo what has not ended', async () => {
    const rollout = await fleet.startApplying('web-1', { installDelayMs: 600 });

    const planned = fleet.zdms.client.plan('undo.yaml', `where: all\npackages: undo ${rollout.id}\n`);

    await assert.rejects(planned, { code: 'ZDMS_ROLLOUT_STATE', message: /what has not ended cannot be undone/ });
    assert.equal((await rollout.untilEnded()).state, 'done');
  });
});
