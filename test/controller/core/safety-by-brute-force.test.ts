import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { mayTakeOut } from '../../../controller/core/safety.ts';
import { allowedByDefinition } from '../../support/small-fleet/allowed-by-definition.ts';
import { smallFleet } from '../../support/small-fleet/small-fleet-arbitrary.ts';
import type { SmallFleet } from '../../support/small-fleet/small-fleet.ts';
import { smallWorld } from '../../support/small-fleet/small-world.ts';
import { noon } from '../../support/world-of.ts';

const seed = 42;

interface Question {
  readonly fleet: SmallFleet;
  readonly candidates: readonly string[];
}

/** Mostly about one host, at times about four, in any order. */
const question: fc.Arbitrary<Question> = smallFleet.chain((fleet) =>
  fc
    .shuffledSubarray(
      fleet.hosts.map((host) => host.id),
      { minLength: 1, maxLength: Math.min(4, fleet.hosts.length) },
    )
    .map((candidates) => ({ fleet, candidates })),
);

/** What `mayTakeOut` says, for any candidates of one small fleet. */
function oracleOf(fleet: SmallFleet): (candidates: readonly string[]) => string {
  const { rules, world } = smallWorld(fleet);
  return (candidates) => mayTakeOut(candidates, rules, world, noon)?.code ?? 'yes';
}

describe('mayTakeOut', () => {
  it('says yes exactly where the definition does, in 20,000 small fleets', () => {
    const said = new Map<string, number>();
    fc.assert(
      fc.property(question, ({ fleet, candidates }) => {
        const answer = oracleOf(fleet)(candidates);

        said.set(answer, (said.get(answer) ?? 0) + 1);
        assert.equal(answer === 'yes', allowedByDefinition(fleet, candidates), answer);
      }),
      { numRuns: 20_000, seed },
    );
    // Fleets in which a rule never has a say would show nothing about it.
    assert.deepEqual(
      [...said].filter(([, count]) => count < 100),
      [],
    );
    assert.deepEqual([...said.keys()].toSorted(), everyAnswer);
  }).timeout(120_000);

  const everyAnswer = [
    'balancer-out',
    'budget-spent',
    'carries-obligation',
    'members-missing',
    'other-domain-out',
    'quorum-too-small',
    'quorum-unknown',
    'spare-domain',
    'yes',
  ];

  it('says the same of a set in any order', () => {
    fc.assert(
      fc.property(question, ({ fleet, candidates }) => {
        const ask = oracleOf(fleet);
        const first = ask(candidates) === 'yes';
        for (const order of [
          candidates.toReversed(),
          candidates.toSorted(),
          [...candidates.slice(1), candidates[0] ?? ''],
        ])
          assert.equal(ask(order) === 'yes', first, order.join(' '));
      }),
      { numRuns: 5000, seed },
    );
  }).timeout(120_000);

  it('says yes to each part of a set that may go', () => {
    let parts = 0;
    fc.assert(
      fc.property(question, ({ fleet, candidates }) => {
        const ask = oracleOf(fleet);
        if (candidates.length === 1 || ask(candidates) !== 'yes') return;
        for (const left of candidates) {
          parts += 1;
          assert.equal(ask(candidates.filter((host) => host !== left)), 'yes', `without ${left}`);
          assert.equal(ask([left]), 'yes', `${left} alone`);
        }
      }),
      { numRuns: 10_000, seed },
    );
    assert.ok(parts > 500, `only ${parts} parts`);
  }).timeout(120_000);

  it('says no more often with one host more in its slot', () => {
    fc.assert(
      fc.property(question, fc.nat(7), ({ fleet, candidates }, taken) => {
        const hosts = fleet.hosts.map((host, index) => (index === taken ? { ...host, slot: 'r2' as const } : host));
        const after = oracleOf({ ...fleet, hosts })(candidates);

        if (after === 'yes') assert.equal(oracleOf(fleet)(candidates), 'yes');
      }),
      { numRuns: 5000, seed },
    );
  }).timeout(120_000);
});
