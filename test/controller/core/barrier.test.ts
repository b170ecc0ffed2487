import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { makePlan } from '../../../controller/core/planning/make-plan.ts';
import { retryFacts } from '../../../controller/core/person.ts';
import { failed, Journey } from '../../support/journey.ts';
import { inventoryOf, noon, oneStage, planOf, shop, shopHosts, upgrade, webService } from '../../support/world-of.ts';

const withBarrier = planOf({ change: { ...upgrade, barrier: true } });

describe('a plan with a barrier', () => {
  it('has its waves one after the other, numbered through all stages as the plan shows them', () => {
    const journey = new Journey(withBarrier);
    journey.continueUntil('web-3 is ready', () => journey.host('web-3').state.kind === 'ready');

    assert.deepEqual(
      withBarrier.stages.flatMap((stage) => stage.waves),
      [['web-1'], ['web-2'], ['web-3', 'web-4'], ['web-5', 'web-6']],
    );
    assert.deepEqual(journey.why('web-3'), { code: 'wave-not-done', wave: 3, waitsFor: ['web-2'] });
  });

  it('does not wait for a held host, which may stay so for days', () => {
    const policy = { ...shop.policy, stopAfterHosts: 9 };
    const change = { ...upgrade, stages: oneStage, barrier: true };
    const journey = new Journey(planOf({ change, fleet: { ...shop, policy } }));
    // Neither can be fetched, so both are held without a slot.
    journey.continueUntil('the first wave is held', () => {
      for (const host of ['web-1', 'web-2'])
        for (const intent of journey.open('fetch', host)) journey.finish(intent, failed());
      return ['web-1', 'web-2'].every((host) => journey.host(host).state.kind === 'held');
    });

    journey.continueUntil('the next wave goes', () => journey.slots.some((slot) => slot.host === 'web-3'));
  });

  it('prepares a host that is tried again, whatever is prepared for the waves behind it', () => {
    const services = [{ ...webService, maxOut: 1, oneAtATime: null }];
    const policy = { ...shop.policy, stopAfterHosts: 9 };
    const change = { ...upgrade, stages: oneStage, barrier: true };
    const journey = new Journey(planOf({ change, fleet: { ...shop, services, policy } }));
    journey.continueTo('preflight');
    journey.finishAll('preflight', failed());
    journey.continueUntil('the waves behind are prepared', () =>
      ['web-3', 'web-4'].every((host) => journey.host(host).state.kind === 'ready'),
    );

    const facts = retryFacts(journey.rollout, 'web-1', 'ada', journey.world);
    assert.ok(typeof facts !== 'string');
    journey.record(...facts);

    journey.continueUntil('the end', () => journey.rollout.state === 'done');
  });

  it('expects the time of its waves, each as long as its longest host', () => {
    const fleet = { ...shop, services: [{ ...webService, oneAtATime: null }] };
    const where = { kind: 'ids', ids: ['web-1', 'web-2', 'web-3', 'web-4'] } as const;
    const expected = (barrier: boolean): number => {
      const change = { ...upgrade, stages: oneStage, where, barrier };
      const slow = ['web-2', 'web-4'];
      const plan = makePlan(fleet, inventoryOf(shopHosts), change, noon, {
        expected: ({ host }) => (slow.includes(host) ? 3 : 1),
      });
      return plan.dispatch.expectedMs;
    };

    assert.equal(expected(true), 6, 'two waves, each with one that takes three');
    assert.ok(expected(false) < 6, 'work-conserving');
  });
});
