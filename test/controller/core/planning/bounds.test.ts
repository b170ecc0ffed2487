import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { covered, type Interval, mostAtOnce, total, union } from '../../../../controller/core/intervals.ts';
import { lowerBound } from '../../../../controller/core/planning/lower-bound.ts';
import { least, timeByGroup, wavesByGroup } from '../../../../controller/core/planning/bounds.ts';
import { dryRun } from '../../../../controller/core/planning/dry-run.ts';
import { hostKinds } from '../../../../controller/core/planning/host-kinds.ts';
import { packWaves } from '../../../../controller/core/planning/pack-waves.ts';
import {
  comeBefore,
  fewestWaves,
  keepsEveryBudget,
  numbered,
  shortestMakespan,
  smallPlan,
  type SmallPlan,
} from '../../../support/small-plan.ts';
import { planOf } from '../../../support/world-of.ts';

const seed = 7;

function waveBound(plan: SmallPlan): number {
  const { hosts, index, order } = numbered(plan);
  return least(wavesByGroup(hostKinds(hosts, index), order), index).amount;
}

function wavesOf(plan: SmallPlan): readonly (readonly string[])[] {
  const { hosts, index, order } = numbered(plan);
  const waves = packWaves(hostKinds(hosts, index), order, waveBound(plan));
  return waves.map((wave) => Array.from(wave, (host) => index.hostIds[host] ?? ''));
}

describe('waves', () => {
  it('hold each host once, keep every budget, and come after what they have to', () => {
    fc.assert(
      fc.property(smallPlan(8), (plan) => {
        const waves = wavesOf(plan);

        assert.deepEqual(waves.flat().toSorted(), plan.hosts.toSorted());
        for (const [number, wave] of waves.entries()) {
          assert.ok(keepsEveryBudget(wave, plan), wave.join(' '));
          const earlier = waves.slice(0, number).flat();
          for (const host of wave)
            for (const before of comeBefore(host, plan))
              assert.ok(earlier.includes(before), `${host} before ${before}`);
        }
      }),
      { numRuns: 3000, seed },
    );
  });

  it('are never fewer than the bound, and the bound is never more than the fewest there are', () => {
    let reached = 0;
    fc.assert(
      fc.property(smallPlan(6), (plan) => {
        const bound = waveBound(plan);

        const fewest = fewestWaves(plan);
        if (bound === fewest) reached += 1;
        assert.ok(bound <= fewest, `the bound promises ${bound}, and there are ${fewest}`);
        assert.ok(wavesOf(plan).length >= fewest);
      }),
      { numRuns: 2000, seed },
    );
    assert.ok(reached > 1000, `the bound says little: it was reached in ${reached} of 2000 plans`);
  }).timeout(120_000);

  it('are exactly as many as the bound for one group alone, taken domain by domain', () => {
    fc.assert(
      fc.property(smallPlan(8), ({ groups, hosts, ...rest }) => {
        const [group] = groups;
        assert.ok(group);
        const domainOf = (host: string): string => group.members[host] ?? '';
        const members = hosts.filter((host) => host in group.members);
        const inOrder = members.toSorted((a, b) => (domainOf(a) < domainOf(b) ? -1 : 1));
        const plan = { ...rest, groups: [group], hosts: inOrder, atOnce: null };

        assert.equal(wavesOf(plan).length, waveBound(plan));
      }),
      { numRuns: 1000, seed },
    );
  });
});

describe('the lower bound in time', () => {
  it('is never more than the shortest time there is, and no dispatch is shorter than that', () => {
    let reached = 0;
    fc.assert(
      fc.property(smallPlan(5), (plan) => {
        const { hosts, index, order, durations } = numbered(plan);

        const bound = least(timeByGroup(hosts, index, order, durations), index).amount;

        const shortest = shortestMakespan(plan);
        if (Math.ceil(bound) === shortest) reached += 1;
        assert.ok(bound <= shortest + 1e-9, `the bound promises ${bound}, and the shortest takes ${shortest}`);
        for (const rule of ['waves', 'burden'] as const)
          assert.ok(
            dryRun(hosts, { kinds: hostKinds(hosts, index), order, rule, expected: durations }, durations).makespanMs >=
              shortest,
          );
      }),
      { numRuns: 2000, seed },
    );
    assert.ok(reached > 1000, `the bound says little: it was reached in ${reached} of 2000 plans`);
  }).timeout(120_000);

  it('adds up ordered stages and the soak between them', () => {
    const plan = planOf();
    const stages = plan.stages.map((stage, index) => ({ ...stage, soakMs: index === 0 ? 1000 : 5000 }));

    const bound = lowerBound({ ...plan, stages }, new Map(plan.hosts.map(({ host }) => [host, 100])));

    assert.deepEqual(bound, { ms: 100 + 1000 + 100 + 100 + 100, group: 'web' });
  });

  it('is nothing where nobody held a slot', () => {
    assert.equal(lowerBound(planOf(), new Map()), null);
  });
});

describe('intervals', () => {
  const intervals = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 10 }))
      .map(([from, length]): Interval => ({ from, to: from + length })),
    { maxLength: 6 },
  );
  const holds = (spans: readonly Interval[], moment: number): number =>
    spans.filter((each) => each.from <= moment && moment < each.to).length;
  const moments = Array.from({ length: 45 }, (_, index) => index);

  it('united cover the same moments, once and in order', () => {
    fc.assert(
      fc.property(intervals, (spans) => {
        const merged = union(spans);

        assert.equal(total(merged), moments.filter((moment) => holds(spans, moment) > 0).length);
        for (const [index, each] of merged.entries())
          assert.ok(index === 0 || (merged[index - 1]?.to ?? 0) < each.from);
      }),
      { seed },
    );
  });

  it('cover what both cover', () => {
    fc.assert(
      fc.property(intervals, intervals, (one, other) => {
        assert.equal(
          covered(union(one), union(other)),
          moments.filter((moment) => holds(one, moment) > 0 && holds(other, moment) > 0).length,
        );
      }),
      { seed },
    );
  });

  it('overlap at most as often as at their busiest moment', () => {
    fc.assert(
      fc.property(intervals, (spans) => {
        assert.equal(mostAtOnce(spans), Math.max(0, ...moments.map((moment) => holds(spans, moment))));
      }),
      { seed },
    );
  });
});
