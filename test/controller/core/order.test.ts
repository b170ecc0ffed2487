import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { dispatch } from '../../../controller/core/dispatch.ts';
import type { RolloutFact } from '../../../controller/core/event.ts';
import type { Reason } from '../../../controller/core/reason.ts';
import type { Slot } from '../../../controller/core/world.ts';
import {
  noon,
  oneStage,
  planOf,
  rolloutOf,
  shop,
  slotsOf,
  timing,
  upgrade,
  webService,
  worldOf,
} from '../../support/world-of.ts';

const web = { ...webService, pool: null };
const [, edge] = shop.services;
assert.ok(edge);
const fleet = { ...shop, services: [web, { ...edge, after: ['web'] }] };
const everybody = { ...upgrade, where: { kind: 'all' } as const, stages: oneStage };

/** Why lb-1, which comes after the web hosts, waits, when it is ready and this is what has become of them. */
function whyWaits(facts: readonly RolloutFact[], slots: readonly Slot[] = [], change = everybody): Reason | null {
  const prepared = [
    { kind: 'stageOpened', stage: 0 },
    { kind: 'stepDone', host: 'lb-1', step: 'preflight' },
    { kind: 'stepDone', host: 'lb-1', step: 'fetch' },
  ] as const;
  const rollout = rolloutOf(planOf({ fleet, change }), [...prepared, ...facts]);
  return dispatch(rollout, worldOf({ slots }), noon, timing).whyWaits('lb-1');
}

const reason: Reason = { code: 'no-report' };
const skipped = (...numbers: readonly number[]): readonly RolloutFact[] =>
  numbers.map((number) => ({ kind: 'skipped', host: `web-${number}`, reason }));
const held = (number: number): RolloutFact => ({ kind: 'held', host: `web-${number}`, step: 'preflight', reason });

describe('a service that comes after another one', () => {
  it('waits until no host of that one waits', () => {
    assert.deepEqual(whyWaits(skipped(1, 2, 3)), {
      code: 'after-service',
      service: 'web',
      waitsFor: ['web-4', 'web-5', 'web-6'],
      held: [],
    });
    assert.equal(whyWaits(skipped(1, 2, 3, 4, 5, 6)), null);
  });

  it('waits for nobody who is held, and names them', () => {
    assert.deepEqual(whyWaits([...skipped(1, 2, 3, 4), held(5)]), {
      code: 'after-service',
      service: 'web',
      waitsFor: ['web-6'],
      held: ['web-5'],
    });
    assert.equal(whyWaits([...skipped(1, 2, 3, 4), held(5), held(6)]), null);
    assert.equal(whyWaits([...skipped(1, 2, 3, 4, 5), held(6)], slotsOf('web-6')), null);
  });

  it('waits for a host that another rollout has out', () => {
    const slots = [{ host: 'web-6', rollout: 'r2', takenAt: noon }];

    assert.equal(whyWaits(skipped(1, 2, 3, 4, 5, 6), slots)?.code, 'after-service');
  });

  it('waits for no host of a stage that is not open: a canary may have hosts of both', () => {
    const canary = {
      ...everybody,
      stages: [{ name: 'canary', pick: { kind: 'count', hosts: 1 }, soakMs: 0 } as const],
    };
    const stages = [...canary.stages, ...oneStage];
    const plan = planOf({ fleet, change: { ...canary, stages } });
    const [first] = plan.stages[0]?.hosts ?? [];
    assert.equal(first, 'lb-1');

    assert.equal(whyWaits([], [], { ...canary, stages }), null);
  });
});
