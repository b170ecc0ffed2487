import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RolloutEvent } from '../../../controller/core/event.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import { FleetOperations } from '../../../controller/runner/fleet-operations.ts';
import { Prober } from '../../../controller/runner/prober.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';
import { inventoryOf, upgrade } from '../../support/world-of.ts';

function operationsOf(fleet: SimulatedFleet): FleetOperations {
  const { runner, board } = fleet.process;
  const { store, clock, timing } = fleet;
  const ids = ['r1', 'r2'];
  const prober = new Prober({
    requester: {
      check: async () => ({ passed: true, detail: '' }),
      get: async () => ({ status: 200, server: 'web-1', detail: '' }),
    },
    clock,
    deadlineMs: timing.probeDeadlineMs,
    onFailure: () => undefined,
    isSomebodyOut: () => false,
  });
  return new FleetOperations({
    ...{ store, runner, board, prober, clock, timing },
    random: { id: () => ids.shift() ?? '', fraction: () => 0 },
    hosts: {
      all: () => smallShopHosts,
      get: (id) => smallShopHosts.find((host) => host.id === id),
      save: async () => undefined,
      remove: async () => false,
    },
    limits: { read: () => fleet.limits },
    readFleet: async () => smallShop,
    parseChange: () => upgrade,
    invite: () => Promise.reject(new Error('nobody is invited here')),
  });
}

describe('two operators who apply at the same moment', () => {
  it('start one rollout: the second is told of the first', async () => {
    const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
    await fleet.startController();
    const operations = operationsOf(fleet);
    const { hash } = fleet.plan;
    await fleet.store.savePlan(fleet.plan);

    const both = Promise.allSettled(['ada', 'bob'].map((operator) => operations.apply(hash, operator, null)));
    await fleet.pass(fleet.timing.probeTrialMs + 1000);
    const results = await both;

    assert.deepEqual(
      results.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'started')),
      ['started', 'ZDMS_ROLLOUT_RUNNING'],
    );
    assert.equal(fleet.process.runner.open().length, 1);
  });
});

describe('a plan', () => {
  it('expects of a host what it took in the rollouts before', async () => {
    const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
    await fleet.startController();
    const operations = operationsOf(fleet);
    for (const { host, report } of inventoryOf(smallShopHosts))
      if (report !== null) await fleet.store.saveReport(host.id, report);
    const planNow = async (): Promise<Plan> => {
      const planned = operations.plan({ file: 'change.yaml', text: '' });
      await fleet.pass(0);
      return planned;
    };
    const before = await planNow();

    for (const minutes of [3, 90, 5]) await journalOf(fleet, minutes);
    const after = await planNow();

    const expected = (plan: Plan): readonly number[] => plan.hosts.map((each) => each.expectedMs / 60_000);
    assert.deepEqual([expected(before), before.dispatch.expectedMs], [[2, 2], 4 * 60_000]);
    assert.deepEqual([expected(after), after.dispatch.expectedMs], [[5, 5], 10 * 60_000]);
    assert.notEqual(after.hash, before.hash);
    assert.equal((await planNow()).hash, after.hash);
  });

  /** A rollout of web-1 and web-3 that has ended; each was out for so long. */
  async function journalOf(fleet: SimulatedFleet, minutes: number): Promise<void> {
    const { store, plan, clock } = fleet;
    const at = clock.now();
    const back = at + minutes * 60_000;
    const events = plan.hosts.flatMap(({ host }): readonly RolloutEvent[] => [
      { at, kind: 'slotTaken', host },
      { at: back, kind: 'slotReleased', host, reason: null },
      { at: back, kind: 'hostEnded', host, ending: { kind: 'done' } },
    ]);
    await store.commit({
      epoch: await store.becomeLeader('test'),
      rollout: `after ${minutes} minutes`,
      expectedCount: 0,
      events: [
        { at, kind: 'created', plan, by: 'ada' },
        { at, kind: 'started', by: 'ada' },
        ...events,
        { at: back, kind: 'ended', result: 'done' },
      ],
      mayTake: () => null,
    });
  }
});
