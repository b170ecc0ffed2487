import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { covered, type Interval, mostAtOnce, total, union } from '../../../../controller/core/intervals.ts';
import { lowerBound } from '../../../../controller/core/planning/lower-bound.ts';
import type { Group } from '../../../../controller/core/plan.ts';
import { least, wavesByGroup } from '../../../../controller/core/planning/bounds.ts';
import { planIndex } from '../../../../controller/core/planning/lower-bound.ts';
import { packWaves as pack } from '../../../../controller/core/planning/pack-waves.ts';
import { serviceOrder } from '../../../../controller/core/planning/sequence.ts';
import { planOf } from '../../../support/world-of.ts';

const ids = Array.from({ length: 8 }, (_, index) => `h${index + 1}`);
const seed = 7;

const groupSpec = fc.record({
  members: fc.subarray(ids, { minLength: 1 }),
  domains: fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: ids.length, maxLength: ids.length }),
  maxOut: fc.integer({ min: 1, max: 4 }),
  byDomain: fc.boolean(),
});
const groupsArb = fc.array(groupSpec, { minLength: 1, maxLength: 3 }).map((specs) =>
  specs.map((spec, index): Group => ({
    name: `g${index}`,
    services: [],
    spareDomains: null,
    size: spec.members.length,
    maxOut: spec.maxOut,
    oneAtATime: spec.byDomain ? 'zone' : null,
    members: Object.fromEntries(
      spec.members.map((id) => [id, spec.byDomain ? (spec.domains[ids.indexOf(id)] ?? '') : '']),
    ),
  })),
);
const atOnceArb = fc.option(fc.integer({ min: 1, max: 4 }));

function keepsEveryBudget(wave: readonly string[], groups: readonly Group[], atOnce: number | null): boolean {
  if (atOnce !== null && wave.length > atOnce) return false;
  return groups.every((group) => {
    const touched = wave.filter((id) => id in group.members);
    const domains = new Set(touched.map((id) => group.members[id]));
    return touched.length <= group.maxOut && (group.oneAtATime === null || domains.size <= 1);
  });
}

/** The fewest waves there are, found by trying every partition. */
function fewestWaves(hosts: readonly string[], groups: readonly Group[], atOnce: number | null): number {
  let best = hosts.length;
  function place(index: number, waves: readonly (readonly string[])[]): void {
    if (waves.length >= best && index < hosts.length) return;
    const host = hosts[index];
    if (host === undefined) {
      best = Math.min(best, waves.length);
      return;
    }
    for (const [position, wave] of waves.entries()) {
      const grown = [...wave, host];
      if (keepsEveryBudget(grown, groups, atOnce)) place(index + 1, waves.with(position, grown));
    }
    place(index + 1, [...waves, [host]]);
  }
  place(0, []);
  return best;
}

/** By ids instead of numbers. */
function numbered(hosts: readonly string[], groups: readonly Group[], atOnce: number | null) {
  const index = planIndex(groups, hosts, atOnce ?? hosts.length);
  const order = serviceOrder({ ...planOf().fleet, services: [] }, index);
  return { index, order, numbers: Int32Array.from(hosts, (host) => index.numbers.get(host) ?? -1) };
}

function waveBound(hosts: readonly string[], groups: readonly Group[], atOnce: number | null): number {
  const { index, order, numbers } = numbered(hosts, groups, atOnce);
  return least(wavesByGroup(numbers, index, order), index).amount;
}

function packWaves(hosts: readonly string[], groups: readonly Group[], atOnce: number | null): readonly string[][] {
  const { index, order, numbers } = numbered(hosts, groups, atOnce);
  const waves = pack(numbers, index, order, waveBound(hosts, groups, atOnce));
  return waves.map((wave) => Array.from(wave, (host) => index.hostIds[host] ?? ''));
}

describe('waves', () => {
  it('hold each host once and keep every budget', () => {
    fc.assert(
      fc.property(groupsArb, atOnceArb, fc.subarray(ids), (groups, atOnce, hosts) => {
        const waves = packWaves(hosts, groups, atOnce);

        assert.deepEqual(waves.flat().toSorted(), hosts.toSorted());
        for (const wave of waves) assert.ok(keepsEveryBudget(wave, groups, atOnce), wave.join(' '));
      }),
      { numRuns: 1000, seed },
    );
  });

  it('are never fewer than the bound, and the bound is never more than the fewest there are', () => {
    fc.assert(
      fc.property(groupsArb, atOnceArb, fc.subarray(ids, { maxLength: 6 }), (groups, atOnce, hosts) => {
        const bound = waveBound(hosts, groups, atOnce);

        assert.ok(bound <= fewestWaves(hosts, groups, atOnce), 'the bound promises too much');
        assert.ok(packWaves(hosts, groups, atOnce).length >= bound);
      }),
      { numRuns: 1000, seed },
    );
  });

  it('are exactly as many as the bound for one group alone, taken domain by domain', () => {
    fc.assert(
      fc.property(groupSpec, (spec) => {
        const members = Object.fromEntries(
          spec.members.map((id) => [id, spec.byDomain ? (spec.domains[ids.indexOf(id)] ?? '') : '']),
        );
        const group: Group = {
          name: 'g',
          services: [],
          spareDomains: null,
          size: spec.members.length,
          maxOut: spec.maxOut,
          oneAtATime: spec.byDomain ? 'zone' : null,
          members,
        };
        const hosts = spec.members.toSorted((a, b) => ((members[a] ?? '') < (members[b] ?? '') ? -1 : 1));

        assert.equal(packWaves(hosts, [group], null).length, waveBound(hosts, [group], null));
      }),
      { numRuns: 1000, seed },
    );
  });
});

describe('the lower bound in time', () => {
  it('is never more than what a dispatch takes that hands each slot on at once', () => {
    fc.assert(
      fc.property(
        groupsArb,
        atOnceArb,
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: ids.length, maxLength: ids.length }),
        (groups, atOnce, times) => {
          const slotMs = new Map(ids.map((id, index) => [id, times[index] ?? 1]));
          const plan = {
            ...planOf(),
            groups,
            change: { ...planOf().change, atOnce },
            stages: [{ name: 'all', soakMs: 0, hosts: ids, waves: [ids] }],
          };

          const bound = lowerBound(plan, slotMs);

          assert.ok(bound !== null && bound.ms <= greedyMs(groups, atOnce, slotMs) + 1e-9);
        },
      ),
      { numRuns: 1000, seed },
    );
  });

  /** Takes hosts in order whenever every budget allows, as the dispatcher does. */
  function greedyMs(groups: readonly Group[], atOnce: number | null, slotMs: ReadonlyMap<string, number>): number {
    const waiting = [...slotMs.keys()];
    let out: { readonly id: string; readonly until: number }[] = [];
    let now = 0;
    while (waiting.length > 0 || out.length > 0) {
      for (const id of [...waiting]) {
        if (!keepsEveryBudget([...out.map((each) => each.id), id], groups, atOnce)) continue;
        waiting.splice(waiting.indexOf(id), 1);
        out.push({ id, until: now + (slotMs.get(id) ?? 0) });
      }
      const next = Math.min(...out.map((each) => each.until));
      out = out.filter((each) => each.until > next);
      now = next;
    }
    return now;
  }

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
