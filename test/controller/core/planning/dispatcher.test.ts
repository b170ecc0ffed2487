import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Dispatcher } from '../../../../controller/core/planning/dispatcher.ts';
import { dryRun } from '../../../../controller/core/planning/dry-run.ts';
import { hostKinds } from '../../../../controller/core/planning/host-kinds.ts';
import { comeBefore, keepsEveryBudget, numbered, smallPlan, type SmallPlan } from '../../../support/small-plan.ts';

const seed = 7;

/** The same without any memory: every host that waits is asked again, in priority, whenever something has changed. */
class NaiveDispatcher {
  readonly #plan: SmallPlan;
  readonly waiting: Set<string>;
  readonly out = new Set<string>();

  constructor(plan: SmallPlan) {
    this.#plan = plan;
    this.waiting = new Set(plan.hosts);
  }

  mayGo(host: string): boolean {
    const toCome = comeBefore(host, this.#plan).filter((each) => this.waiting.has(each) || this.out.has(each));
    return toCome.length === 0 && keepsEveryBudget([...this.out, host], this.#plan);
  }

  take(host: string): void {
    assert.ok(this.waiting.delete(host), `${host} was not waiting`);
    this.out.add(host);
  }

  /** All that may go now, one after the other. */
  walk(): readonly string[] {
    const taken = [];
    for (const host of [...this.waiting]) {
      if (!this.mayGo(host)) continue;
      this.take(host);
      taken.push(host);
    }
    return taken;
  }
}

const rules = ['waves', 'burden'] as const;

describe('the dispatcher', () => {
  for (const rule of rules) {
    it(`by ${rule} never breaks a budget or an order, leaves nobody parked who could go, and gives everybody a turn`, () => {
      fc.assert(
        fc.property(smallPlan(8), fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (plan, ends) => {
          const { index, order, hosts, durations } = numbered(plan);
          const dispatcher = new Dispatcher(hosts, {
            kinds: hostKinds(hosts, index),
            order,
            rule,
            expected: durations,
          });
          const naive = new NaiveDispatcher(plan);
          const follow = (taken: readonly number[]): void => {
            for (const host of taken.map((each) => index.hostIds[each] ?? '')) {
              assert.ok(naive.mayGo(host), `${host} may not go`);
              naive.take(host);
            }
            for (const host of naive.waiting) assert.ok(!naive.mayGo(host), `${host} is parked, and could go`);
          };

          const first: number[] = [];
          dispatcher.begin(first);
          follow(first);
          for (const end of ends.slice(0, plan.hosts.length)) {
            const back = [...naive.out][end % naive.out.size] ?? '';
            naive.out.delete(back);
            const taken: number[] = [];
            dispatcher.ended(index.numbers.get(back) ?? -1, taken);
            follow(taken);
          }

          assert.deepEqual([naive.waiting.size, naive.out.size], [0, 0], 'somebody had no turn');
        }),
        { numRuns: 5000, seed },
      );
    });
  }

  it('goes by priority: each time it takes whom a walk over all hosts would take', () => {
    fc.assert(
      fc.property(smallPlan(8), fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (plan, ends) => {
        const { index, order, hosts, durations } = numbered(plan);
        const dispatcher = new Dispatcher(hosts, {
          kinds: hostKinds(hosts, index),
          order,
          rule: 'waves',
          expected: durations,
        });
        const naive = new NaiveDispatcher(plan);
        const namesOf = (taken: readonly number[]): readonly string[] => taken.map((host) => index.hostIds[host] ?? '');

        const first: number[] = [];
        dispatcher.begin(first);
        assert.deepEqual(namesOf(first), naive.walk());
        for (const end of ends.slice(0, plan.hosts.length)) {
          const back = [...naive.out][end % naive.out.size] ?? '';
          naive.out.delete(back);
          const taken: number[] = [];
          dispatcher.ended(index.numbers.get(back) ?? -1, taken);
          assert.deepEqual(namesOf(taken), naive.walk());
        }
      }),
      { numRuns: 2000, seed },
    );
  });

  it('wakes the most urgent of those that one budget kept waiting', () => {
    const plan: SmallPlan = {
      hosts: ['h3', 'h1', 'h2'],
      groups: [],
      after: new Map(),
      atOnce: 1,
      durations: { h1: 1, h2: 1, h3: 1 },
    };
    const { index, order, hosts, durations } = numbered(plan);
    const dispatcher = new Dispatcher(hosts, {
      kinds: hostKinds(hosts, index),
      order,
      rule: 'waves',
      expected: durations,
    });
    const taken: number[] = [];

    dispatcher.begin(taken);
    for (let turn = 0; turn < 2; turn += 1) dispatcher.ended(taken.at(-1) ?? -1, taken);

    assert.deepEqual(
      taken.map((host) => index.hostIds[host]),
      ['h3', 'h1', 'h2'],
    );
  });
});

describe('a dry run', () => {
  it('takes as long as the hosts it lets out, and no longer than all of them one after the other', () => {
    fc.assert(
      fc.property(smallPlan(8), (plan) => {
        const { index, order, hosts, durations } = numbered(plan);
        const all = plan.hosts.map((host) => plan.durations[host] ?? 0);

        const { makespanMs } = dryRun(
          hosts,
          { kinds: hostKinds(hosts, index), order, rule: 'waves', expected: durations },
          durations,
        );

        assert.ok(makespanMs >= Math.max(0, ...all));
        assert.ok(makespanMs <= all.reduce((sum, each) => sum + each, 0));
      }),
      { numRuns: 2000, seed },
    );
  });
});
