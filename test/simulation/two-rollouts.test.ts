import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../controller/core/change.ts';
import { makeReport } from '../../controller/core/make-report.ts';
import type { Rollout } from '../../controller/core/rollout.ts';
import type { Fault } from '../support/simulation/faults.ts';
import { calmShop, SimulatedFleet } from '../support/simulation/simulated-fleet.ts';
import { oneStage, upgrade } from '../support/world-of.ts';

function changeOf(hosts: readonly string[], change: Partial<Change> = {}): Change {
  return { ...upgrade, where: { kind: 'ids', ids: hosts }, stages: oneStage, ...change };
}

/** Two rollouts at once: `r1` and `r2`, which begins when a host of the first one is out. */
async function started(first: Change, second: Change, faults: readonly Fault[] = []): Promise<SimulatedFleet> {
  const fleet = new SimulatedFleet({ fleet: calmShop, change: first, faults });
  await fleet.startRollout();
  await fleet.until('a host of the first is out', () => fleet.rules.slots.length > 0);
  await fleet.startAnother('r2', second);
  return fleet;
}

function rollout(fleet: SimulatedFleet, id: string): Rollout {
  return fleet.rules.rollouts.get(id) ?? assert.fail(`no rollout ${id}`);
}

function bothAre(fleet: SimulatedFleet, state: Rollout['state']): () => boolean {
  return () => ['r1', 'r2'].every((id) => rollout(fleet, id).state === state);
}

function taken(fleet: SimulatedFleet): readonly string[] {
  return fleet.rules.journal.flatMap((event) => (event.kind === 'slotTaken' ? [event.host] : []));
}

describe('two rollouts at once', () => {
  it('of one service never have more out than it allows, and both are done', async () => {
    const fleet = await started(changeOf(['web-1', 'web-3', 'web-5']), changeOf(['web-2', 'web-4', 'web-6']));

    await fleet.until('both are done', bothAre(fleet, 'done'));

    for (const id of ['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6']) assert.equal(fleet.host(id).boots, 1);
  });

  it('give the next free slot to the one of higher priority, though the other one has just given it back', async () => {
    const one = { atOnce: 1 };
    const fleet = await started(
      changeOf(['web-1', 'web-2'], { ...one, priority: 'low' }),
      changeOf(['web-3', 'web-4'], { ...one, priority: 'high' }),
    );

    await fleet.until('both are done', bothAre(fleet, 'done'));

    assert.deepEqual(taken(fleet), ['web-1', 'web-3', 'web-4', 'web-2']);
  });

  it('of the same host reboot it once each, the second with what it finds after the first', async () => {
    const fleet = await started(changeOf(['web-1']), changeOf(['web-1']));

    await fleet.until('both are done', bothAre(fleet, 'done'));

    assert.equal(fleet.host('web-1').boots, 2);
  });

  it('both pause when a user notices, and each goes on when a person says so', async () => {
    const fleet = await started(changeOf(['web-1']), changeOf(['web-2']));
    await fleet.pass(2000);
    fleet.process.board.recordProbeFailure({ service: 'web', at: fleet.clock.now(), server: 'web-3', detail: 'late' });

    await fleet.until('both are paused', bothAre(fleet, 'paused'));
    await fleet.pass(2000);
    assert.deepEqual(fleet.process.runner.world().probeFailures, []);
    for (const id of ['r1', 'r2']) void fleet.process.runner.submit(id, [{ kind: 'resumed', by: 'ada' }]);

    await fleet.until('both are done', bothAre(fleet, 'done'));
  });

  it('have each the whole proof in its own journal, from one prober', async () => {
    const fleet = await started(changeOf(['web-1', 'web-3']), changeOf(['web-2', 'web-4']));
    await fleet.until('both are done', bothAre(fleet, 'done'));

    for (const id of ['r1', 'r2']) {
      const report = makeReport(id, await fleet.store.events(id), fleet.clock.now());
      const sent = report?.probes.get('web')?.sent ?? 0;
      const seconds = (report?.wallMs ?? 0) / 1000;
      assert.equal(report?.unobservedMs, 0);
      assert.ok(Math.abs(sent - seconds) <= 2, `${id}: ${sent} requests in ${seconds} s, at one a second`);
      assert.equal(report.lowestServing.find((each) => each.service === 'web')?.mostOut, 2);
    }
  });

  it('go on side by side after their controller was killed', async () => {
    const fleet = await started(changeOf(['web-1', 'web-3']), changeOf(['web-2', 'web-4']));
    await fleet.pass(3000);
    fleet.process.kill();

    await fleet.startController();

    await fleet.until('both are done', bothAre(fleet, 'done'));
  });

  it('are vouched for in two silent hosts together, not in two for each', async () => {
    const dead = (host: string): Fault => ({ kind: 'agent-silent', host, from: 0, to: 600_000 });
    const fleet = await started(changeOf(['web-1']), changeOf(['web-2']), [dead('web-5'), dead('web-6')]);

    await fleet.until('both are done', bothAre(fleet, 'done'));
  });
});
