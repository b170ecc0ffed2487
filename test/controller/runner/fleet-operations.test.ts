import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RolloutEvent } from '../../../controller/core/event.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import { FleetOperations } from '../../../controller/runner/fleet-operations.ts';
import { Prober } from '../../../controller/runner/prober.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';
import { inventoryOf, upgrade } from '../../support/world-of.ts';

function operationsOf(fleet: SimulatedFleet, idsToGive: readonly string[]): FleetOperations {
  const { runner, board, executors } = fleet.process;
  const { store, clock, timing } = fleet;
  const ids = [...idsToGive];
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
    ...{ store, runner, board, prober, executors, clock, timing },
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
    agentWords: new Map([['web-1', { clockAheadMs: 70, certificateEndsAt: 5000 }]]),
    version: '0.1.0',
    invite: () => Promise.reject(new Error('nobody is invited here')),
  });
}

async function scene(
  ids: readonly string[] = ['r1', 'r2'],
): Promise<{ fleet: SimulatedFleet; operations: FleetOperations }> {
  const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
  await fleet.startController();
  return { fleet, operations: operationsOf(fleet, ids) };
}

/** Stores that many plans that differ in nothing but their names, and returns their hashes. */
async function savePlans(fleet: SimulatedFleet, count: number): Promise<readonly string[]> {
  const plans = Array.from({ length: count }, (_, index) => ({ ...fleet.plan, hash: String(index).repeat(64) }));
  for (const plan of plans) await fleet.store.savePlan(plan);
  return plans.map((plan) => plan.hash);
}

/** What became of each: `started`, or the code of the error. */
async function outcomes(fleet: SimulatedFleet, calls: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const all = Promise.allSettled(calls);
  await fleet.pass(fleet.timing.probeTrialMs + 1000);
  return (await all).map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : 'started'));
}

describe('two operators who apply at the same moment', () => {
  it('start one rollout of one plan: the second is told of the first', async () => {
    const { fleet, operations } = await scene();
    const [hash = ''] = await savePlans(fleet, 1);

    const both = ['ada', 'bob'].map((operator) => operations.apply(hash, operator, null));

    assert.deepEqual(await outcomes(fleet, both), ['started', 'ZDMS_ROLLOUT_RUNNING']);
    assert.equal(fleet.process.runner.open().length, 1);
    assert.deepEqual(await outcomes(fleet, [operations.apply(hash, 'bob', null)]), ['ZDMS_ROLLOUT_RUNNING']);
  });

  it('start two rollouts of two plans', async () => {
    const { fleet, operations } = await scene();
    const hashes = await savePlans(fleet, 2);

    const both = hashes.map((hash) => operations.apply(hash, 'ada', null));

    assert.deepEqual(await outcomes(fleet, both), ['started', 'started']);
  });

  it('cannot have more than eight open at once', async () => {
    const { fleet, operations } = await scene(Array.from({ length: 9 }, (_, index) => `r${index}`));
    const hashes = await savePlans(fleet, 9);

    const all = await outcomes(
      fleet,
      hashes.map((hash) => operations.apply(hash, 'ada', null)),
    );

    assert.deepEqual([all.slice(0, 8).every((each) => each === 'started'), all[8]], [true, 'ZDMS_ROLLOUTS_TOO_MANY']);
  });
});

describe('a question that names no rollout', () => {
  it('means the only open one, or the last one that there was', async () => {
    const { fleet, operations } = await scene();
    await assert.rejects(operations.rollout(''), { code: 'ZDMS_ROLLOUT_UNKNOWN' });
    const [hash = ''] = await savePlans(fleet, 1);
    await outcomes(fleet, [operations.apply(hash, 'ada', null)]);

    assert.equal((await operations.rollout('')).rollout.id, 'r1');
    await fleet.untilEnded();
    assert.equal((await operations.rollout('')).rollout.id, 'r1');
  });

  it('is answered with all that it may mean, and nothing is done', async () => {
    const { fleet, operations } = await scene();
    const hashes = await savePlans(fleet, 2);
    await outcomes(
      fleet,
      hashes.map((hash) => operations.apply(hash, 'ada', null)),
    );

    await assert.rejects(operations.pause('', 'ada', ''), {
      code: 'ZDMS_ROLLOUT_AMBIGUOUS',
      message: 'several rollouts may be meant: r1 (upgrade, running) and r2 (upgrade, running)',
      next: 'Name the one you mean, as in `zdms watch r1`.',
    });
    const { rollouts } = await operations.openRollouts();
    assert.deepEqual(
      rollouts.map(({ id, state }) => [id, state]),
      [
        ['r1', 'running'],
        ['r2', 'running'],
      ],
    );
  });
});

describe('names', () => {
  it('are those of all hosts, and of rollouts and plans, newest first', async () => {
    const { fleet, operations } = await scene();
    const hashes = await savePlans(fleet, 2);
    await outcomes(
      fleet,
      hashes.map((hash) => operations.apply(hash, 'ada', null)),
    );

    const names = await operations.names();

    assert.ok(names.hosts.includes('web-1'));
    assert.deepEqual(names.rollouts, ['r2', 'r1']);
    assert.deepEqual([...names.plans].sort(), [...hashes].sort());
  });
});

describe('the journal', () => {
  it('is read from its first event, which has the plan, and then the newest', async () => {
    const { fleet, operations } = await scene();
    const [hash = ''] = await savePlans(fleet, 1);
    await outcomes(fleet, [operations.apply(hash, 'ada', null)]);
    await fleet.untilEnded();

    const { rollout, count, events } = await operations.journal('', 3);

    assert.equal(rollout, 'r1');
    assert.equal(count, (await fleet.store.events('r1')).length);
    assert.deepEqual([events.length, events[0]?.kind, events[2]?.kind], [3, 'created', 'ended']);
    assert.equal((await operations.journal('r1', 10_000)).events.length, count);
  });
});

describe('health', () => {
  it('is what connections tell of agents, and when each balancer was read', async () => {
    const { fleet, operations } = await scene();
    const [hash = ''] = await savePlans(fleet, 1);
    const before = await operations.health();
    assert.equal(before.version, '0.1.0');
    assert.ok(before.startedAt <= fleet.clock.now());
    assert.deepEqual(before.agents.slice(0, 2), [
      { host: 'web-1', clockAheadMs: 70, certificateEndsAt: 5000 },
      { host: 'web-3', clockAheadMs: null, certificateEndsAt: null },
    ]);
    assert.deepEqual(before.pools[0], { balancer: 'lb-1', backend: 'web', readAt: null, isWatched: false });

    await outcomes(fleet, [operations.apply(hash, 'ada', null)]);

    const [first] = (await operations.health()).pools;
    assert.equal(first?.isWatched, true);
    assert.ok((first.readAt ?? 0) > 0);
  });
});

describe('why', () => {
  it('is answered for each open rollout that has the host, and in none by whether it serves', async () => {
    const { fleet, operations } = await scene();
    const hashes = await savePlans(fleet, 2);
    await fleet.pass(1000);
    assert.deepEqual(await operations.why('web-1'), [{ rollout: null, state: 'serving', answer: null }]);
    await outcomes(
      fleet,
      hashes.map((hash) => operations.apply(hash, 'ada', null)),
    );
    await fleet.until('web-1 is out', () => fleet.rules.slots.length === 1);

    const answers = await operations.why('web-1');

    assert.deepEqual(
      answers.map(({ rollout, state }) => [rollout, state]),
      [
        ['r1', 'out'],
        ['r2', 'waiting'],
      ],
    );
    assert.equal(answers[1]?.answer?.reason.code, 'host-in-other-rollout');
    assert.equal(answers[1].answer.holders[0]?.rollout, 'r1');
    await assert.rejects(operations.why('db-1'), { code: 'ZDMS_HOST_UNKNOWN' });
  });
});

describe('what if', () => {
  it('is answered without any rollout: by the agents, and for the rest as declared', async () => {
    const { fleet, operations } = await scene();
    await fleet.pass(2000);

    const { lost, assumed, groups, rollouts } = await operations.whatIf([{ kind: 'labels', labels: { zone: 'b' } }]);

    assert.deepEqual(lost, ['web-3', 'lb-2']);
    assert.deepEqual(assumed, ['the pool of `web` on lb-1', 'the pool of `web` on lb-2']);
    assert.deepEqual(
      groups.map(({ group, before, after }) => [group, before.out, after.out, after.mayTake]),
      [
        ['web', 0, 2, 0],
        ['edge', 0, 1, 0],
      ],
    );
    assert.deepEqual(rollouts, []);
    await assert.rejects(operations.whatIf([{ kind: 'ids', ids: ['web-9'] }]), { code: 'ZDMS_LOSE_NOBODY' });
  });

  it('goes by what balancers show while a rollout is open', async () => {
    const { fleet, operations } = await scene();
    const [hash = ''] = await savePlans(fleet, 1);
    await outcomes(fleet, [operations.apply(hash, 'ada', null)]);
    await fleet.until('web-1 is out', () => fleet.rules.slots.length === 1);

    const { assumed, rollouts } = await operations.whatIf([{ kind: 'ids', ids: ['web-1'] }]);

    assert.deepEqual(assumed, []);
    assert.deepEqual(
      rollouts.map(({ rollout, lostWhileOut, next }) => [rollout.id, lostWhileOut, next]),
      [['r1', ['web-1'], null]],
    );
  });
});

describe('a plan for hosts that an open rollout has too', () => {
  it('says so', async () => {
    const { fleet, operations } = await scene();
    const [hash = ''] = await savePlans(fleet, 1);
    await outcomes(fleet, [operations.apply(hash, 'ada', null)]);
    for (const { host, report } of inventoryOf(smallShopHosts))
      if (report !== null) await fleet.store.saveReport(host.id, report);

    const { warnings } = await operations.plan({ file: 'change.yaml', text: '', barrier: false });

    assert.deepEqual(warnings, [
      'in rollout r1 too, which has not ended; they are done there first or afterwards: web-1 and web-3',
    ]);
  });
});

describe('a plan', () => {
  it('has a barrier where a person says so, whatever the change says', async () => {
    const { fleet, operations } = await scene();
    for (const { host, report } of inventoryOf(smallShopHosts))
      if (report !== null) await fleet.store.saveReport(host.id, report);

    const plans = [false, true].map((barrier) => operations.plan({ file: 'change.yaml', text: '', barrier }));
    await fleet.pass(0);

    assert.deepEqual(
      (await Promise.all(plans)).map((plan) => plan.change.barrier),
      [false, true],
    );
  });

  it('expects of a host what it took in the rollouts before', async () => {
    const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
    await fleet.startController();
    const operations = operationsOf(fleet, ['r1']);
    for (const { host, report } of inventoryOf(smallShopHosts))
      if (report !== null) await fleet.store.saveReport(host.id, report);
    const planNow = async (): Promise<Plan> => {
      const planned = operations.plan({ file: 'change.yaml', text: '', barrier: false });
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
