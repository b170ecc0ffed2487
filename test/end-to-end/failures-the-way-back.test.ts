import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { failureOf, hostOf, truthBefore, until } from '../support/failing-rollout.ts';
import { FailureFleet } from '../support/failure-fleet.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

describe('what fails around a host', function () {
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

  describe('at its balancers', () => {
    it('one that cannot be reached on the way out: the other one is undone at once, this one as soon as it answers', async () => {
      const balancer = fleet.lab.balancer('lb-2');
      await fleet.relabel('web-1', { zone: 'b' });
      const rollout = await fleet.start(['web-1']);
      // Safety has read both balancers and agrees; only the limiter keeps the host in.
      await rollout.untilWhy('web-1', 'labels-differ');
      await balancer.closeAdminSocket();
      await fleet.relabel('web-1', {});

      assert.equal(
        failureOf(await rollout.untilWhy('web-1', 'retry-pending')),
        'retry-pending: undrain pool-unreachable',
      );

      await until('lb-1 gives web-1 requests again', () => fleet.pool('lb-1', 'web-1') === 'UP');
      assert.deepEqual((await rollout.status()).slots, ['web-1']);
      const didOnFirst = (await fleet.zdms.backEnd.readExecutorJournal('lb-1')).filter(
        (step) => step.rollout === rollout.id && step.verb === 'pool' && step.outcome?.kind === 'succeeded',
      );
      assert.deepEqual(
        didOnFirst.map(({ token }) => token.split('.')[2]),
        ['drain', 'undrain'],
      );
      await balancer.openAdminSocket();
      assert.equal((await rollout.untilEnded()).state, 'done-with-exceptions');
      const { state, reason } = hostOf(await rollout.status(), 'web-1');
      assert.deepEqual([state, failureOf(reason)], ['skipped', 'step-failed: drain pool-unreachable']);
      assert.deepEqual(fleet.truth('web-1'), truthBefore(rollout.plan, 'web-1'));
    });

    it('one that cannot be reached on the way back: the host keeps its slot and is put back as soon as it answers', async () => {
      const balancer = fleet.lab.balancer('lb-2');
      const rollout = await fleet.startApplying('web-1', { installDelayMs: 400 });
      await balancer.closeAdminSocket();

      assert.equal(
        failureOf(await rollout.untilWhy('web-1', 'retry-pending')),
        'retry-pending: undrain pool-unreachable',
      );

      await until('lb-1 gives web-1 requests again', () => fleet.pool('lb-1', 'web-1') === 'UP');
      assert.equal(fleet.pool('lb-2', 'web-1'), 'MAINT');
      const { slots, obligations } = await rollout.status();
      assert.deepEqual([slots, obligations.length], [['web-1'], 2]);
      await balancer.openAdminSocket();
      assert.equal((await rollout.untilEnded()).state, 'done');
    });

    it('a drain that never ends: the host is given back, and nobody is cut off', async () => {
      const plan = await fleet.plan(['web-1'], { reboot: 'always' });
      const busy = fleet.keepBusy('lb-1');
      const rollout = await fleet.begin(plan);

      const report = await rollout.untilEnded();

      assert.equal(report.state, 'done-with-exceptions');
      const { state, reason } = hostOf(await rollout.status(), 'web-1');
      assert.deepEqual([state, failureOf(reason)], ['skipped', 'step-failed: drain drain-timeout']);
      assert.ok(fleet.inFlight('lb-1', 'web-1') > 0);
      assert.deepEqual(fleet.truth('web-1'), truthBefore(rollout.plan, 'web-1'));
      busy.abort();
    });
  });

  describe('by people', () => {
    it('a host that somebody has drained on a balancer is left there as it was found', async () => {
      const balancer = fleet.lab.balancer('lb-1');
      balancer.command('set server web/web-1 state drain');

      const rollout = await fleet.start(['web-1']);

      assert.equal((await rollout.untilEnded()).state, 'done');
      assert.equal(fleet.truth('web-1').version, rollout.version);
      assert.deepEqual(fleet.pools('web-1'), ['DRAIN', 'UP']);
      balancer.command('set server web/web-1 state ready');
    });

    it('a fleet file that is edited meanwhile pauses: what is out finishes, and resume goes on by the plan', async () => {
      await fleet.relabel('web-3', { zone: 'a' });
      const rollout = await fleet.startApplying('web-1', { installDelayMs: 1_000, beside: ['web-3'] });
      fleet.writeFleet(3);

      const paused = await rollout.until('paused', ({ state }) => state === 'paused');

      assert.equal(paused.reason?.code, 'fleet-changed');
      await rollout.untilHost('web-1', 'done');
      await fleet.relabel('web-3', {});
      await rollout.untilWhy('web-3', 'fleet-changed');
      assert.deepEqual((await rollout.status()).slots, []);
      await rollout.resume();
      assert.equal((await rollout.untilEnded()).state, 'done');
      assert.equal(fleet.truth('web-3').version, rollout.version);
      fleet.writeFleet(2);
    });
  });

  describe('with agents', () => {
    it('three that are dead mean that we are blind; two on hosts that are fine stop nothing', async () => {
      const plan = await fleet.plan(['web-1']);
      await fleet.silence('web-1', 'web-2', 'lb-1');
      const rollout = await fleet.begin(plan);

      const { data } = await rollout.untilWhy('web-1', 'blind');

      assert.deepEqual([...(data['silent'] as string[])].sort(), ['lb-1', 'web-1', 'web-2']);
      assert.deepEqual((await rollout.status()).slots, []);
      assert.deepEqual(fleet.truth('web-1'), truthBefore(plan, 'web-1'));
      fleet.lab.host('lb-1').startAgent();
      // From here on SSH and the service prove the two hosts.
      assert.equal((await rollout.untilEnded()).state, 'done');
      assert.equal(fleet.truth('web-1').version, plan.version);
      for (const host of ['web-1', 'web-2']) fleet.lab.host(host).startAgent();
    });
  });
});
