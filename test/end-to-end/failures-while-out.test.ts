import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { failureOf, type FailingRollout, type Plan, truthBefore, until } from '../support/failing-rollout.ts';
import { balancers, FailureFleet } from '../support/failure-fleet.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

describe('what fails while a host is out keeps it from users', function () {
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

  /** Held with slot and obligations, and out on every balancer. */
  async function assertHeldOut(rollout: FailingRollout, hosts: readonly string[]): Promise<void> {
    const { slots, obligations } = await rollout.status();
    assert.deepEqual([...slots].sort(), hosts);
    assert.equal(obligations.length, hosts.length * balancers.length);
    for (const host of hosts) assert.deepEqual(fleet.pools(host), ['MAINT', 'MAINT']);
  }

  /** One install, one boot. */
  function assertPatchedOnce(plan: Plan, host: string): void {
    const { installs, boots } = truthBefore(plan, host);
    assert.deepEqual(fleet.truth(host), { version: plan.version, installs: installs + 1, boots: boots + 1 });
  }

  it('hosts whose package script fails are held: one goes on after retry, a person takes the other one over', async () => {
    const failing = ['web-1', 'web-2'].map((host) => fleet.lab.host(host).system.faults);
    for (const faults of failing) faults.scriptFails = 'zdemo';
    const rollout = await fleet.start(['web-1', 'web-2']);

    const held = [await rollout.untilHost('web-1', 'held'), await rollout.untilHost('web-2', 'held')];

    const failure = 'step-failed: apply package-script-failed';
    assert.deepEqual(
      held.map(({ reason }) => failureOf(reason)),
      [failure, failure],
    );
    await assertHeldOut(rollout, ['web-1', 'web-2']);
    for (const faults of failing) faults.scriptFails = null;
    await rollout.retry('web-1');
    await rollout.release('web-2', 'its database is mended by hand');
    assert.equal((await rollout.untilEnded()).state, 'done-with-exceptions');
    const { hosts } = await rollout.status();
    assert.deepEqual(
      hosts.map(({ state, reason }) => [state, reason?.code]),
      [
        ['done', undefined],
        ['skipped', 'released'],
      ],
    );
    assert.equal(fleet.truth('web-1').version, rollout.version);
    // What was ours to put back is that person's now.
    assert.deepEqual(fleet.pools('web-2'), ['MAINT', 'MAINT']);
    await fleet.lab.host('web-2').install('zdemo', rollout.version);
    for (const balancer of balancers) fleet.lab.balancer(balancer).command('set server web/web-2 state ready');
  });

  it('the same failure on two hosts stops the rollout; abort takes both the way back', async () => {
    fleet.writeLimits({ sameFailure: 2 });
    const failing = ['web-1', 'web-2'].map((host) => fleet.lab.host(host).system.faults);
    for (const faults of failing) faults.scriptFails = 'zdemo';
    const rollout = await fleet.start(['web-1', 'web-2', 'web-3']);

    const stopped = await rollout.until('stopped', ({ state }) => state === 'stopped');

    assert.equal(stopped.reason?.code, 'same-failure');
    assert.deepEqual([...(stopped.reason.data['hosts'] as string[])].sort(), ['web-1', 'web-2']);
    await assertHeldOut(rollout, ['web-1', 'web-2']);
    // It may have been prepared, and patched, before the other two; from the stop on nothing happens to it.
    const spared = fleet.truth('web-3');
    for (const faults of failing) faults.scriptFails = null;
    await rollout.abort('the package is broken');
    assert.equal((await rollout.untilEnded()).state, 'aborted');
    for (const host of ['web-1', 'web-2'])
      assert.equal(fleet.truth(host).version, truthBefore(rollout.plan, host).version);
    assert.deepEqual(fleet.truth('web-3'), spared);
    fleet.writeLimits();
  });

  it('an SSH connection that is cut during the apply changes nothing: one install, one boot', async () => {
    const rollout = await fleet.startApplying('web-1', { installDelayMs: 600, reboot: 'always' });

    fleet.lab.host('web-1').cutSsh();

    assert.equal((await rollout.untilEnded()).state, 'done');
    assertPatchedOnce(rollout.plan, 'web-1');
  });

  it('of a frozen sshd and of a host that does not return nobody knows the end: held, and finished once after retry', async () => {
    const [frozen, gone] = [fleet.lab.host('web-1'), fleet.lab.host('web-2')];
    gone.system.faults.reboot = 'never-returns';
    const options = { installDelayMs: 300, beside: ['web-2'], reboot: 'always' } as const;
    const rollout = await fleet.startApplying('web-1', options);
    frozen.freezeSsh();

    const held = [await rollout.untilHost('web-1', 'held'), await rollout.untilHost('web-2', 'held')];

    assert.deepEqual(
      held.map(({ reason }) => failureOf(reason)),
      ['step-unknown: apply', 'step-unknown: reboot'],
    );
    await assertHeldOut(rollout, ['web-1', 'web-2']);
    frozen.thawSsh();
    gone.system.faults.reboot = 'once';
    await gone.powerOn();
    const bootId = gone.system.bootIds.at(-1);
    await until('the agent of web-2', async () => (await fleet.zdms.client.showHost('web-2')).bootId === bootId);
    await rollout.retry('web-1');
    await rollout.retry('web-2');
    assert.equal((await rollout.untilEnded()).state, 'done');
    assertPatchedOnce(rollout.plan, 'web-1');
    assertPatchedOnce(rollout.plan, 'web-2');
  });

  it('a halt during a drain: nothing disruptive begins, a forgotten drain is asserted again, unhalt finishes', async () => {
    const { client } = fleet.zdms;
    const plan = await fleet.plan(['web-1'], { reboot: 'always' });
    const busy = fleet.keepBusy('lb-1');
    const rollout = await fleet.begin(plan);
    await until('web-1 drains', () => fleet.pool('lb-1', 'web-1') === 'DRAIN');
    assert.ok(fleet.inFlight('lb-1', 'web-1') > 0);

    await client.halt('test', 'a storm');
    busy.abort();
    await rollout.untilHost('web-1', 'apply');
    await rollout.untilWhy('web-1', 'halted');
    fleet.lab.balancer('lb-1').reload();
    await until('the drain is asserted again', () => fleet.pool('lb-1', 'web-1') === 'MAINT');

    assert.deepEqual(fleet.truth('web-1'), truthBefore(plan, 'web-1'));
    await client.unhalt('test');
    assert.equal((await rollout.untilEnded()).state, 'done');
    assertPatchedOnce(plan, 'web-1');
  });

  it('safety that is lost after the drain gives the host back; its reboot follows when there is room', async () => {
    const sick = fleet.lab.webService('web-3');
    const plan = await fleet.plan(['web-1'], { reboot: 'always' });
    const busy = fleet.keepBusy('lb-1');
    const rollout = await fleet.begin(plan);
    await until('web-1 drains', () => fleet.pool('lb-1', 'web-1') === 'DRAIN');
    sick.healthStatus = 500;
    await until('web-3 is sick', async () => !(await fleet.zdms.client.showHost('web-3')).serving);
    busy.abort();

    const { reason } = await rollout.untilHost('web-1', 'ready');

    assert.equal(reason?.code, 'other-domain-out');
    assert.match(
      (await rollout.status()).recent.map((line) => line.text).join('\n'),
      /given back: before reboot it was no longer safe: .*these do not serve: web-3/,
    );
    assert.deepEqual((await rollout.status()).slots, []);
    assert.deepEqual(fleet.pools('web-1'), ['UP', 'UP']);
    assert.equal(fleet.truth('web-1').boots, truthBefore(plan, 'web-1').boots);
    sick.healthStatus = 200;
    assert.equal((await rollout.untilEnded()).state, 'done');
    assertPatchedOnce(plan, 'web-1');
  });
});
