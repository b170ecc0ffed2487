import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { makeReport } from '../../controller/core/make-report.ts';
import { defaultTiming } from '../../controller/core/timing.ts';
import { SimulatedFleet } from '../support/simulation/simulated-fleet.ts';
import { shop } from '../support/world-of.ts';

const webs = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6'];

async function wholeLine(): Promise<SimulatedFleet> {
  const fleet = new SimulatedFleet({ fleet: shop, timing: defaultTiming });
  await fleet.startRollout();
  await fleet.untilEnded();
  return fleet;
}

describe('the whole line, with the production waits', () => {
  it('patches six hosts to the exact version and reboots each once', async () => {
    const fleet = await wholeLine();

    assert.equal(fleet.rollout.state, 'done');
    for (const id of webs) {
      assert.deepEqual(fleet.host(id).versions, { zdemo: '1.1.0' });
      assert.equal(fleet.host(id).boots, 1);
    }
  });

  it('takes the canary alone, then zone by zone, both hosts of a zone at once', async () => {
    const fleet = await wholeLine();

    const taken = fleet.rules.journal.flatMap((event) => (event.kind === 'slotTaken' ? [event.host] : []));
    assert.deepEqual(taken, webs);
    const report = makeReport(fleet.id, fleet.rules.journal, fleet.clock.now());
    assert.deepEqual(
      report?.lowestServing.find((each) => each.service === 'web'),
      { service: 'web', size: 6, mostOut: 2 },
    );
  });

  it('leaves every server in the pool, and touches no balancer', async () => {
    const fleet = await wholeLine();

    for (const balancer of ['lb-1', 'lb-2']) {
      for (const id of webs) assert.equal(fleet.balancer(balancer).adminOf(id), 'ready');
      assert.equal(fleet.host(balancer).boots, 0);
    }
  });

  it('writes every intent before its effect, and every outcome after', async () => {
    const fleet = await wholeLine();

    const open = new Set<string>();
    for (const event of fleet.rules.journal) {
      if (event.kind === 'intended') open.add(event.token);
      if (event.kind === 'finished')
        assert.ok(open.delete(event.token), `${event.token} finished before it was intended`);
    }
    assert.equal(open.size, 0);
  });

  it('tells in its report what it took and how close it came to the least possible', async () => {
    const fleet = await wholeLine();

    const report = makeReport(fleet.id, fleet.rules.journal, fleet.clock.now());

    assert.ok(report !== null);
    assert.ok(report.wallMs !== null && report.lowerBoundMs !== null);
    assert.ok(report.lowerBoundMs <= report.wallMs, `${report.lowerBoundMs} <= ${report.wallMs}`);
    assert.ok(report.wallMs < 1.5 * report.lowerBoundMs, `${report.wallMs} against ${report.lowerBoundMs}`);
    assert.ok((report.probes.get('web')?.sentWhileOut ?? 0) > 500);
    assert.equal(report.unobservedMs, 0);
    assert.equal(report.obligationsOpen, 0);
    for (const host of report.hosts) {
      assert.notEqual(host.bootIdBefore, host.bootIdAfter);
      assert.deepEqual([host.versionsBefore, host.versionsAfter], [{ zdemo: '1.0.0' }, { zdemo: '1.1.0' }]);
      const { drain, apply, reboot, checks, ours } = host.outSplitMs;
      assert.equal(drain + apply + reboot + checks + ours, host.outMs);
      assert.ok(apply === 3000 && reboot >= 5800, JSON.stringify(host.outSplitMs));
      assert.ok(host.outMs <= host.slotMs);
    }
  });
});
