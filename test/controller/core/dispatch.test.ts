import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { dispatch, limiterFacts, mayTakeOutHere } from '../../../controller/core/dispatch.ts';
import type { RolloutFact } from '../../../controller/core/event.ts';
import type { DispatchRule } from '../../../controller/core/plan.ts';
import type { Limits } from '../../../controller/core/limits.ts';
import type { World } from '../../../controller/core/world.ts';
import {
  noLimits,
  noon,
  oneStage,
  planOf,
  rolloutOf,
  shop,
  slotsOf,
  timing,
  upgrade,
  worldOf,
} from '../../support/world-of.ts';

const plan = planOf({ change: { ...upgrade, stages: oneStage } });

function rolloutWith(...facts: readonly RolloutFact[]): ReturnType<typeof rolloutOf> {
  const ready = ['web-1', 'web-2'].flatMap((host) =>
    (['preflight', 'fetch'] as const).map((step) => ({ kind: 'stepDone', host, step }) as const),
  );
  return rolloutOf(plan, [{ kind: 'stageOpened', stage: 0 }, ...ready, ...facts]);
}

function limitedTo(change: Partial<Limits>, world: World = worldOf()): World {
  return { ...world, limits: { kind: 'limits', limits: { ...noLimits, ...change } } };
}

describe('dispatch', () => {
  it('takes as many at once as budgets and limits allow together', () => {
    const taken = (limits: Partial<Limits>): readonly string[] =>
      dispatch(rolloutWith(), limitedTo(limits), noon, timing).take;

    assert.deepEqual(taken({}), ['web-1', 'web-2']);
    assert.deepEqual(taken({ maxOut: { hosts: 1, percent: null } }), ['web-1']);
  });
});

describe('the order of dispatch', () => {
  const [web, edge] = shop.services;
  assert.ok(web !== undefined && edge !== undefined);
  const apart = { ...shop, services: [{ ...web, pool: null }, edge] };
  const change = { ...upgrade, where: { kind: 'all' }, stages: oneStage, atOnce: 1 } as const;

  function firstBy(rule: DispatchRule): readonly string[] {
    const all = planOf({ fleet: apart, change });
    const [stage] = all.stages;
    assert.ok(stage);
    const hosts = ['lb-1', 'web-1', ...stage.hosts.filter((host) => host !== 'lb-1' && host !== 'web-1')];
    const ready = ['lb-1', 'web-1'].flatMap((host) =>
      (['preflight', 'fetch'] as const).map((step) => ({ kind: 'stepDone', host, step }) as const),
    );
    const ordered = { ...all, stages: [{ ...stage, hosts }], dispatch: { rule, expectedMs: 0 } };
    const rollout = rolloutOf(ordered, [{ kind: 'stageOpened', stage: 0 }, ...ready]);
    return dispatch(rollout, worldOf(), noon, timing).take;
  }

  it('is that of the plan by the rule `waves`', () => {
    assert.deepEqual(firstBy('waves'), ['lb-1']);
  });

  it('begins with the service that has most before it by the rule `burden`', () => {
    assert.deepEqual(firstBy('burden'), ['web-1']);
  });
});

describe('the question inside the commit', () => {
  it('is asked of the budgets and of the limits, each of which can say no', () => {
    const ask = (world: World): string | undefined =>
      mayTakeOutHere(['web-1'], rolloutWith(), world, noon, timing)?.code;

    assert.equal(ask(limitedTo({})), undefined);
    assert.equal(
      ask(limitedTo({ maxOut: { hosts: 1, percent: null } }, worldOf({ slots: slotsOf('web-2') }))),
      'limit-out',
    );
    assert.equal(ask(worldOf({ slots: slotsOf('web-3') })), 'other-domain-out');
  });
});

describe('what the limiter is told of a rollout', () => {
  it('counts a failure that a person has accepted as proven: it must not keep the rollout small for ever', () => {
    const failed = { kind: 'held', host: 'web-1', step: 'fetch', reason: { code: 'no-report' } } as const;
    const provenAfter = (...facts: readonly RolloutFact[]): number =>
      limiterFacts(rolloutWith(...facts), worldOf()).proven;

    assert.equal(provenAfter(failed), 0);
    assert.equal(provenAfter(failed, { kind: 'stopped', reason: failed.reason }, { kind: 'resumed', by: 'ada' }), 1);
  });
});
