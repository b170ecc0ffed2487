import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FleetOperations } from '../../../controller/runner/fleet-operations.ts';
import { Prober } from '../../../controller/runner/prober.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';
import { upgrade } from '../../support/world-of.ts';

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
