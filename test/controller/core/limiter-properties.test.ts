import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { limiterRefusal } from '../../../controller/core/limiter.ts';
import type { LimiterFacts, Limits } from '../../../controller/core/limits.ts';
import { failure, hostIn } from '../../support/limiter-facts.ts';
import { noon } from '../../support/world-of.ts';

const now = noon;
const hourMs = 3_600_000;
const seed = 11;
const ids = Array.from({ length: 8 }, (_, index) => `h${index + 1}`);
const mostly = fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
const hostArb = fc
  .record({ zone: fc.constantFrom('a', 'b'), rack: fc.constantFrom('r1', 'r2'), agrees: mostly, heard: mostly })
  .chain(({ zone, rack, agrees, heard }) =>
    fc.constantFrom('', 'R640', 'R650').map((hardwareModel) => {
      const ownLabels = agrees ? { zone, rack } : { zone: 'x', rack };
      return hostIn(zone, rack, { ownLabels, hardwareModel, silent: !heard });
    }),
  );
const factsArb: fc.Arbitrary<LimiterFacts> = fc
  .record({
    topology: fc.constant(['zone', 'rack']),
    hosts: fc
      .tuple(...ids.map(() => hostArb))
      .map((all) => new Map(ids.map((id, index) => [id, all[index] ?? hostIn('a', 'r1')]))),
    outHere: fc.subarray(ids, { maxLength: 2 }),
    outElsewhere: fc.subarray(ids, { maxLength: 2 }),
    rebootsAt: fc.array(fc.integer({ min: now - 2 * hourMs, max: now }), { maxLength: 4 }),
    failures: fc.array(
      fc.constantFrom(...ids).map((id) => failure(id, now)),
      { maxLength: 3 },
    ),
    proven: fc.integer({ min: 0, max: 8 }),
    goesBack: fc.boolean(),
  })
  .map(({ outElsewhere, ...rest }) => ({ ...rest, out: [...new Set([...rest.outHere, ...outElsewhere])] }));
const small = fc.option(fc.integer({ min: 1, max: 5 }));
const limitsArb: fc.Arbitrary<Limits> = fc.record({
  halt: fc.constant(null),
  maxOut: fc.record({ hosts: small, percent: fc.option(fc.integer({ min: 1, max: 100 })) }),
  perDomain: fc.constantFrom({}, { zone: 1 }, { zone: 3, rack: 2 }, { rack: 1 }),
  perModel: small,
  rebootsPerHour: small,
  ramp: small,
  errorBudget: fc.option(fc.record({ hosts: fc.integer({ min: 1, max: 3 }), withinMs: fc.constant(hourMs) })),
  sameFailure: fc.constant(null),
  blindPercent: fc.option(fc.integer({ min: 1, max: 100 })),
  minimumAgeMs: fc.constant(0),
  confirmAbovePercent: fc.constant(null),
});

describe('whatever the limiter lets go', () => {
  /** Runs the property on allowed sets, and proves that there were some of more than one host: else it would show nothing. */
  function forAllowed(property: (set: readonly string[], limits: Limits, world: LimiterFacts) => void): void {
    let shown = 0;
    fc.assert(
      fc.property(fc.subarray(ids), limitsArb, factsArb, (set, limits, world) => {
        if (limiterRefusal(set, { kind: 'limits', limits }, world, now) !== null) return;
        if (set.length > 1) shown += 1;
        property(set, limits, world);
      }),
      { numRuns: 5000, seed },
    );
    assert.ok(shown > 50, `only ${shown} sets were allowed`);
  }

  it('may go in parts', () => {
    forAllowed((set, limits, world) => {
      for (const host of set) {
        const rest = set.filter((each) => each !== host);
        assert.equal(limiterRefusal(rest, { kind: 'limits', limits }, world, now), null, `without ${host}`);
        assert.equal(limiterRefusal([host], { kind: 'limits', limits }, world, now), null, `${host} alone`);
      }
    });
  });

  it('never makes more than any cap be out', () => {
    forAllowed((set, limits, world) => {
      const out = new Set([...world.out, ...set]);
      const share = ((limits.maxOut.percent ?? 100) * ids.length) / 100;
      assert.ok(out.size <= (limits.maxOut.hosts ?? Infinity));
      assert.ok(out.size <= Math.max(1, share));
      for (const zone of new Set(set.map((id) => world.hosts.get(id)?.labels['zone']))) {
        const there = [...out].filter((id) => world.hosts.get(id)?.labels['zone'] === zone);
        assert.ok(there.length <= (limits.perDomain['zone'] ?? Infinity), `zone ${String(zone)}`);
      }
    });
  });

  it('has labels that agree, and may go again with fewer hosts out', () => {
    forAllowed((set, limits, world) => {
      for (const id of set) assert.deepEqual(world.hosts.get(id)?.ownLabels, world.hosts.get(id)?.labels);
      const calmer = {
        ...world,
        out: world.out.slice(1),
        outHere: world.outHere.filter((host) => host !== world.out[0]),
        rebootsAt: world.rebootsAt.slice(1),
        proven: world.proven + 1,
      };
      assert.equal(limiterRefusal(set, { kind: 'limits', limits }, calmer, now), null);
    });
  });
});
