import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { failureOf, hostOf, until } from '../support/failing-rollout.ts';
import { FailureFleet } from '../support/failure-fleet.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

describe('two rollouts at once, on in-process hosts under user traffic', function () {
  // Alone they take some seconds; a loaded machine may need its time.
  this.timeout(120_000);
  let fleet: FailureFleet;

  before('bring up hosts and controller', async () => {
    fleet = await FailureFleet.up();
  });

  afterEach(() => fleet.assertWell());

  after('take them down', async () => {
    await fleet.down();
    removeTemporaryDirectories();
  });

  it('share the budget of a service, zone by zone, and each ends with the whole proof', async () => {
    const plans = [await fleet.plan(['web-1', 'web-2'], { reboot: 'always' }), await fleet.plan(['web-3', 'web-4'])];
    const rollouts = await Promise.all(plans.map((plan) => fleet.begin(plan)));
    const { rollouts: open } = await fleet.zdms.client.listRollouts();
    assert.deepEqual(open.map(({ id }) => id).toSorted(), rollouts.map(({ id }) => id).toSorted());

    const { lost, rollouts: concerned } = await fleet.zdms.client.whatIf(['zone=a']);
    assert.deepEqual([lost.toSorted(), concerned.length], [['lb-1', 'web-1', 'web-2'], open.length]);

    const reports = await Promise.all(rollouts.map((rollout) => rollout.untilEnded()));

    for (const report of reports) {
      assert.equal(report.state, 'done');
      assert.ok(report.journal.sound);
      assert.ok((report.probes[0]?.sentWhileOut ?? 0) > 0, 'it was probed while hosts were out');
      assert.ok((report.lowestServing[0]?.mostOut ?? 9) <= 2, JSON.stringify(report.lowestServing));
    }
    for (const { version, plan } of rollouts)
      for (const { host } of plan.document.packages) assert.equal(fleet.truth(host).version, version);
  });

  it('have a host one after the other, and the second one finds that it is not as planned', async () => {
    const [first, second] = [await fleet.plan(['web-1']), await fleet.plan(['web-1'])];
    const { faults } = fleet.lab.host('web-1').system;
    faults.installDelayMs = 1_500;
    const earlier = await fleet.begin(first);
    const later = await fleet.begin(second);
    await later.untilWhy('web-1', 'host-in-other-rollout');
    faults.installDelayMs = 0;

    await earlier.untilEnded();
    const report = await later.untilEnded();

    assert.equal(report.state, 'done-with-exceptions');
    assert.equal(failureOf(hostOf(await later.status(), 'web-1').reason), 'step-failed: preflight not-as-planned');
    assert.equal(fleet.truth('web-1').version, earlier.version);
    await until('nothing is open', async () => (await fleet.zdms.client.listRollouts()).rollouts.length === 0);
  });
});
