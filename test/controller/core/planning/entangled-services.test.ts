import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { entangledServices } from '../../../../controller/core/planning/entangled-services.ts';
import { hasKnot, knottedPlan, numbered } from '../../../support/small-plan.ts';

describe('services that come after each other', () => {
  it('are refused exactly where a host would wait for itself', () => {
    const seen = { knots: 0, others: 0 };
    fc.assert(
      fc.property(knottedPlan(8), (plan) => {
        const { hosts, index, order } = numbered(plan);
        const expected = hasKnot(plan);

        assert.equal(entangledServices(hosts, index, order).length, expected ? 1 : 0);
        if (!order.isEmpty) seen[expected ? 'knots' : 'others'] += 1;
      }),
      { numRuns: 3000, seed: 7 },
    );
    assert.ok(Math.min(seen.knots, seen.others) > 300, JSON.stringify(seen));
  });
});
