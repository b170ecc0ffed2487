import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../controller/core/change.ts';
import { makeReport } from '../../controller/core/make-report.ts';
import type { Fault } from '../support/simulation/faults.ts';
import { SimulatedFleet } from '../support/simulation/simulated-fleet.ts';
import { etcdHosts, etcdOf, fleetOf, upgradeAll } from '../support/voting.ts';

async function started(
  faults: readonly Fault[] = [],
  size = 3,
  where: Change['where'] = upgradeAll.where,
): Promise<SimulatedFleet> {
  const fleet = new SimulatedFleet({
    fleet: fleetOf(etcdOf(size)),
    hosts: etcdHosts(size),
    change: { ...upgradeAll, where },
    faults,
  });
  await fleet.startRollout();
  return fleet;
}

function taken(fleet: SimulatedFleet): readonly string[] {
  return fleet.rules.journal.flatMap((event) => (event.kind === 'slotTaken' ? [event.host] : []));
}

function moves(fleet: SimulatedFleet): readonly string[] {
  return fleet.rules.effects.filter((effect) => effect.kind === 'moveLeader').map((effect) => effect.host);
}

describe('a group that votes', () => {
  for (const size of [3, 4, 5, 7]) {
    it(`of ${size} is patched without ever being short of a majority, its leader last and after it has handed over`, async () => {
      const fleet = await started([], size);

      await fleet.untilEnded();

      assert.equal(fleet.rollout.state, 'done');
      assert.equal(taken(fleet).at(-1), 'etcd-1');
      assert.deepEqual(moves(fleet), ['etcd-1']);
      const report = makeReport(fleet.id, fleet.rules.journal, fleet.clock.now());
      assert.ok((report?.quorums[0]?.marginMin ?? -1) >= 0);
    });
  }

  it('waits for no other group: two leaders that are prepared first keep nobody from being prepared', async () => {
    const fleet = new SimulatedFleet({
      fleet: fleetOf(etcdOf(3), etcdOf(3, 'lock')),
      hosts: [...etcdHosts(3), ...etcdHosts(3, 'lock')],
      change: upgradeAll,
    });
    await fleet.startRollout();

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
    assert.deepEqual(moves(fleet).toSorted(), ['etcd-1', 'lock-1']);
  });

  it('is not touched by an order that a dead controller left behind, when another member has died meanwhile', async () => {
    const fleet = await started();
    fleet.onCommitting = (request) => {
      const apply = request.events.find((event) => event.kind === 'intended' && event.step === 'apply');
      if (apply === undefined) return;
      fleet.onCommitting = () => undefined;
      fleet.onCommitted = () => fleet.process.kill();
    };
    await fleet.until('the controller is dead', () => !fleet.process.isAlive);
    fleet.onCommitted = () => undefined;
    fleet.host('etcd-1').serviceRuns = false;
    await fleet.pass(60_000);

    await fleet.startController();
    await fleet.until('etcd-2 is given back', () =>
      fleet.rules.journal.some((event) => event.kind === 'slotReleased' && event.reason?.code === 'safety-lost'),
    );

    assert.deepEqual(fleet.rules.effects, []);
    fleet.heal();
    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });

  it('keeps its majority through a rollback too: that waits while another member is away', async () => {
    const fleet = await started([
      { kind: 'step-fails', host: 'etcd-2', verb: 'apply', code: 'package-manager-failed', times: 1 },
      { kind: 'service-down', host: 'etcd-3', from: 20_000, to: 80_000 },
    ]);
    await fleet.until('etcd-2 is held', () => fleet.stateOf('etcd-2') === 'held');
    await fleet.pass(30_000);

    fleet.submit({ kind: 'abortRequested', by: 'ada', reason: '' });
    await fleet.pass(5000);

    assert.equal(fleet.whyNot('etcd-2')?.code, 'members-missing');
    await fleet.untilEnded();
    assert.equal(fleet.rules.effects.filter((effect) => effect.kind === 'rollback').length, 1);
  });
});

describe('a group that votes, in which something goes wrong', () => {
  for (const kind of ['service-down', 'member-cut', 'member-lags'] as const) {
    it(`waits, with nobody out, until its member is well again (${kind})`, async () => {
      const onlyOne = { kind: 'ids', ids: ['etcd-2'] } as const;
      const fleet = await started([{ kind, host: 'etcd-3', from: -10_000, to: 60_000 }], 3, onlyOne);
      await fleet.until('etcd-2 waits for it', () => fleet.whyNot('etcd-2')?.code === 'members-missing', 30_000);
      await fleet.pass(20_000);
      assert.deepEqual(fleet.rules.slots, []);

      await fleet.untilEnded();

      assert.equal(fleet.rollout.state, 'done');
    });
  }

  it('gives the one that is out back before its reboot when another one dies, and reboots it later', async () => {
    const fleet = await started();
    await fleet.until('etcd-2 is patched', () => fleet.host('etcd-2').disruptedBy === 'apply');
    fleet.host('etcd-3').serviceRuns = false;

    await fleet.until('etcd-2 is back', () => fleet.stateOf('etcd-2') === 'ready');
    assert.deepEqual([fleet.host('etcd-2').boots, fleet.host('etcd-2').isHealthy], [0, true]);

    fleet.host('etcd-3').mend();
    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
    assert.equal(fleet.host('etcd-2').boots, 1);
  });

  it('moves leadership once more when a member is elected between its apply and its reboot', async () => {
    const fleet = await started();
    await fleet.until('etcd-2 is patched', () => fleet.host('etcd-2').disruptedBy === 'apply');
    fleet.halt();
    await fleet.pass(5000);
    fleet.quorum().elect('etcd-2');
    await fleet.pass(10_000);
    fleet.unhalt();

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
    assert.equal(moves(fleet)[0], 'etcd-2');
  });

  it('goes on without the agent of a member: the others and its executor speak for it', async () => {
    const fleet = await started([{ kind: 'agent-silent', host: 'etcd-2', from: 0, to: Infinity }]);

    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
  });

  it('with no answer from anybody keeps every member where it is', async () => {
    const fleet = await started(
      ['etcd-1', 'etcd-2', 'etcd-3'].map((host) => ({ kind: 'unreachable', host, from: 1500, to: 60_000 })),
    );
    await fleet.pass(50_000);

    assert.deepEqual(fleet.rules.effects, []);
    await fleet.untilEnded();
    assert.equal(fleet.rollout.state, 'done');
  });
});
