import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { StagePick } from '../../../../controller/core/change.ts';
import { pickStages, type PickedStages, type StageFacts } from '../../../../controller/core/planning/pick-stages.ts';
import { keepsEveryBudget, numbered, smallPlan, type SmallPlan } from '../../../support/small-plan.ts';

const seed = 7;
/** By host: the number in its name says of which kind it is, and where it stands. */
const kindOf = (host: string): string => (Number(host.slice(1)) % 3 === 0 ? 'old' : 'new');
const rackOf = (host: string): string => `a/rack-${(Number(host.slice(1)) % 4) + 8}`;

function factsOf({ index }: ReturnType<typeof numbered>): StageFacts {
  return {
    index,
    kindOf: (host) => kindOf(index.hostIds[host] ?? ''),
    domainOf: (host) => rackOf(index.hostIds[host] ?? ''),
  };
}

function pick(plan: SmallPlan, ...picks: readonly StagePick[]): PickedStages & { readonly ids: readonly string[][] } {
  const numbers = numbered(plan);
  const rules = picks.map((each, index) => ({ name: `s${index}`, pick: each, soakMs: index }));
  const picked = pickStages(numbers.hosts, rules, factsOf(numbers));
  return {
    ...picked,
    ids: picked.stages.map((stage) => Array.from(stage.hosts, (host) => numbers.index.hostIds[host] ?? '')),
  };
}

const anyPick: fc.Arbitrary<StagePick> = fc.oneof(
  fc.record({ kind: fc.constant('count' as const), hosts: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('percent' as const), percent: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ kind: fc.constant('rings' as const), first: fc.integer({ min: 1, max: 3 }) }),
  fc.constant<StagePick>({ kind: 'each', level: 'rack' }),
  fc.constant<StagePick>({ kind: 'diverse' }),
);

function hostsOf(plan: SmallPlan, ...picks: readonly StagePick[]): readonly string[][] {
  return pick(plan, ...picks).ids;
}

function forPlans(property: (plan: SmallPlan) => void): void {
  fc.assert(fc.property(smallPlan(8), property), { numRuns: 1000, seed });
}

describe('stages', () => {
  it('hold every host exactly once, in its order, and none is empty', () => {
    fc.assert(
      fc.property(smallPlan(8), fc.array(anyPick, { maxLength: 3 }), (plan, picks) => {
        const stages = hostsOf(plan, ...picks, { kind: 'all' });

        assert.deepEqual(stages.flat().toSorted(), plan.hosts.toSorted());
        for (const stage of stages) {
          assert.ok(stage.length > 0);
          assert.deepEqual(
            stage,
            plan.hosts.filter((host) => stage.includes(host)),
          );
        }
      }),
      { numRuns: 2000, seed },
    );
  });

  it('by count hold so many, or all that there are', () => {
    forPlans((plan) => {
      assert.deepEqual(hostsOf(plan, { kind: 'count', hosts: 3 })[0] ?? [], plan.hosts.slice(0, 3));
    });
  });

  it('by percent go by all hosts of the plan, rounded up', () => {
    forPlans((plan) => {
      const stages = hostsOf(plan, { kind: 'percent', percent: 30 }, { kind: 'percent', percent: 30 });

      const size = Math.ceil(0.3 * plan.hosts.length);
      assert.deepEqual(stages[0] ?? [], plan.hosts.slice(0, size));
      assert.deepEqual(stages[1] ?? [], plan.hosts.slice(size, 2 * size));
    });
  });

  it('in rings are twice as large each time, to the end', () => {
    const plan = { hosts: Array.from({ length: 12 }, (_, index) => `h${index + 1}`), groups: [], after: new Map() };
    const picked = pick({ ...plan, atOnce: null, durations: {} }, { kind: 'rings', first: 1 });

    assert.deepEqual(
      picked.stages.map(({ name, hosts }) => [name, hosts.length]),
      [
        ['s0-1', 1],
        ['s0-2', 2],
        ['s0-3', 4],
        ['s0-4', 5],
      ],
    );
  });

  it('by domain hold one each, in natural order, and are named after it', () => {
    forPlans((plan) => {
      const { stages, ids } = pick(plan, { kind: 'each', level: 'rack' });

      const racks = ['a/rack-8', 'a/rack-9', 'a/rack-10', 'a/rack-11'].filter((rack) =>
        plan.hosts.some((host) => rackOf(host) === rack),
      );
      assert.deepEqual(
        ids,
        racks.map((rack) => plan.hosts.filter((host) => rackOf(host) === rack)),
      );
      assert.deepEqual(
        stages.map((stage) => stage.name),
        racks.map((rack) => `s0-${rack.replace('/', '-')}`),
      );
    });
  });

  it('of a diverse canary may all be out at once, with one host of each kind, and tell what kinds they lack', () => {
    forPlans((plan) => {
      const { ids, warnings } = pick(plan, { kind: 'diverse' });

      const canary = ids[0] ?? [];
      assert.ok(keepsEveryBudget(canary, plan), canary.join(' '));
      for (const kind of new Set(plan.hosts.map(kindOf))) {
        const ofKind = canary.filter((host) => kindOf(host) === kind);
        const isTold = warnings.some((warning) => warning.includes(`of the kind ${kind}:`));
        assert.deepEqual([ofKind.length, isTold], isTold ? [0, true] : [1, false]);
        if (!isTold) continue;
        const others = plan.hosts.filter((host) => kindOf(host) === kind);
        for (const host of others) assert.ok(!keepsEveryBudget([...canary, host], plan), `${host} would fit`);
      }
    });
  });
});
