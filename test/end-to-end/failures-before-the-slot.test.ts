import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { failureOf, hostOf, truthBefore } from '../support/failing-rollout.ts';
import { FailureFleet } from '../support/failure-fleet.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

describe('what fails before a slot is taken costs no capacity', function () {
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

  it('hosts that cannot be prepared are skipped, each with its reason, and the others are patched', async () => {
    const { lab } = fleet;
    const plan = await fleet.plan(['web-1', 'web-2', 'web-3', 'web-4']);
    lab.host('web-1').system.faults.mirrorBroken = true;
    lab.host('web-2').system.faults.lockHeldBy = 'unattended-upgrades (pid 812)';
    lab.host('web-3').system.faults.diskFull = true;

    const rollout = await fleet.begin(plan);
    const report = await rollout.untilEnded();

    const failing = ['web-1', 'web-2', 'web-3'];
    const last = await rollout.status();
    assert.deepEqual(
      failing.map((host) => failureOf(hostOf(last, host).reason)),
      [
        'step-failed: preflight lists-unavailable',
        'step-failed: preflight lock-held',
        'step-failed: preflight disk-full',
      ],
    );
    assert.equal(report.state, 'done-with-exceptions');
    for (const host of failing) {
      assert.equal(report.hosts.find(({ id }) => id === host)?.slotMs, 0);
      assert.deepEqual(fleet.truth(host), truthBefore(plan, host));
    }
    assert.equal(fleet.truth('web-4').version, plan.version);
    for (const host of failing)
      Object.assign(lab.host(host).system.faults, { mirrorBroken: false, lockHeldBy: null, diskFull: false });
  });

  it('a mirror that breaks during the fetch has the host held without a slot; retry goes on', async () => {
    const { faults } = fleet.lab.host('web-1').system;
    faults.downloadsFail = true;
    const rollout = await fleet.start(['web-1']);

    await rollout.untilHost('web-1', 'held');
    const held = await rollout.status();

    assert.equal(failureOf(hostOf(held, 'web-1').reason), 'step-failed: fetch download-failed');
    assert.deepEqual([held.slots, held.obligations, fleet.pools('web-1')], [[], [], ['UP', 'UP']]);
    faults.downloadsFail = false;
    await rollout.retry('web-1');
    assert.equal((await rollout.untilEnded()).state, 'done');
    assert.equal(fleet.truth('web-1').version, rollout.version);
  });

  it('a host whose sshd is frozen waits with a reason while the others go on, and is patched when it answers', async () => {
    const host = fleet.lab.host('web-2');
    const plan = await fleet.plan(['web-2', 'web-3']);
    host.cutSsh();
    host.freezeSsh();
    const rollout = await fleet.begin(plan);

    await rollout.untilWhy('web-2', 'host-unreachable');
    await rollout.untilHost('web-3', 'done');

    assert.deepEqual((await rollout.status()).slots, []);
    assert.deepEqual(fleet.truth('web-2'), truthBefore(plan, 'web-2'));
    host.thawSsh();
    assert.equal((await rollout.untilEnded()).state, 'done');
    assert.equal(fleet.truth('web-2').version, rollout.version);
  });

  it('most of the fleet needs its number of hosts typed by a person', async () => {
    const { document } = await fleet.plan(['web-1', 'web-2', 'web-3', 'web-4']);

    await assert.rejects(fleet.zdms.client.apply(document.hash, 'test', 3), { code: 'ZDMS_CONFIRM_COUNT' });
    const unasked = await fleet.zdms.zdms('apply', document.hash, '--yes');
    const confirmed = await fleet.zdms.zdms('apply', document.hash, '--confirm', '4');

    assert.deepEqual([unasked.code, confirmed.code], [4, 0], unasked.stderr + confirmed.stderr);
    assert.match(unasked.stderr, /ZDMS_CONFIRM_COUNT/);
  });

  it('limits that others may write refuse every start, and every slot of a rollout that runs', async () => {
    const plan = await fleet.plan(['web-1']);
    fleet.writeLimits({}, 0o666);
    await assert.rejects(fleet.begin(plan), { code: 'ZDMS_LIMITS_REFUSED' });
    fleet.writeLimits();
    const { faults } = fleet.lab.host('web-1').system;
    faults.lockHeldBy = 'a test that needs a moment';
    const rollout = await fleet.begin(plan);
    fleet.writeLimits({}, 0o666);
    faults.lockHeldBy = null;

    await rollout.untilHost('web-1', 'ready');
    await rollout.untilWhy('web-1', 'limits-unreadable');

    assert.deepEqual((await rollout.status()).slots, []);
    assert.deepEqual(fleet.truth('web-1'), truthBefore(plan, 'web-1'));
    fleet.writeLimits();
    assert.equal((await rollout.untilEnded()).state, 'done');
  });

  it('a host that calls its own domain otherwise is not taken out before the labels agree', async () => {
    await fleet.relabel('web-1', { zone: 'b' });
    const rollout = await fleet.start(['web-1']);

    const { data } = await rollout.untilWhy('web-1', 'labels-differ');

    assert.deepEqual([data['own'], data['known'], data['level']], ['b', 'a', 'zone']);
    assert.deepEqual((await rollout.status()).slots, []);
    await fleet.relabel('web-1', {});
    assert.equal((await rollout.untilEnded()).state, 'done');
  });
});
