import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { dispatch, mayTakeOutHere } from '../../../controller/core/dispatch.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import { allowedByDefinition } from '../../support/small-fleet/allowed-by-definition.ts';
import { afterOf, rolloutFrom, type SmallRollout, smallRollout } from '../../support/small-fleet/small-rollout.ts';
import { noon, timing } from '../../support/world-of.ts';

const seed = 42;

describe('dispatch', () => {
  it('takes no set that the definition forbids, and leaves nobody waiting who could go besides, in 10,000 small rollouts', () => {
    let taken = 0;
    fc.assert(
      fc.property(smallRollout, (small) => {
        const { rollout, world } = rolloutFrom(small);

        const { take, whyWaits } = dispatch(rollout, world, noon, timing);

        taken += take.length;
        assert.ok(allowedHere(small, take), `${take.join(' ')} may not go`);
        if (take.length > 0) assert.equal(mayTakeOutHere(take, rollout, world, noon, timing), null);
        for (const { id, state, open } of small.hosts) {
          const couldGo = open && state === 'ready' && slotOf(small, id) === null && !waitsForTurn(small, id);
          if (take.includes(id)) assert.ok(couldGo, `${id} was taken, and it is not its turn`);
          else if (couldGo) assert.ok(!allowedHere(small, [...take, id]), `${id} waits, and could go`);
          const waits = open && state === 'ready' && slotOf(small, id) !== 'r1' && !take.includes(id);
          assert.equal(whyWaits(id) !== null, waits, `${id} has ${waits ? 'no' : 'a'} reason to wait`);
        }
      }),
      { numRuns: 10_000, seed },
    );
    assert.ok(taken > 4000, `only ${taken} hosts were taken`);
  }).timeout(120_000);
});

function slotOf({ fleet }: SmallRollout, id: HostId): 'r1' | 'r2' | null {
  return fleet.hosts.find((host) => host.id === id)?.slot ?? null;
}

/** By the budgets, by the change's own limit, and by limits.yaml. */
function allowedHere({ fleet, atOnce, limit }: SmallRollout, set: readonly HostId[]): boolean {
  if (set.length === 0) return true;
  const held = fleet.hosts.filter(({ slot }) => slot === 'r1').length;
  const out = fleet.hosts.filter(({ slot }) => slot !== null).length;
  return (
    allowedByDefinition(fleet, set) &&
    held + set.length <= (atOnce ?? Infinity) &&
    out + set.length <= (limit ?? Infinity)
  );
}

/** `after`, and that the leader of a group goes last. */
function waitsForTurn(small: SmallRollout, id: HostId): boolean {
  const { fleet, hosts } = small;
  const toCome = hosts.filter(
    (host) => host.open && (slotOf(small, host.id) === 'r1' ? host.state !== 'held' : isToCome(host.state)),
  );
  const held = hosts.filter((host) => host.state === 'held').map((host) => host.id);
  return fleet.services.some(({ members, group }, index) => {
    const earlier = fleet.services.find(({ name }) => afterOf(small, index).includes(name))?.members ?? [];
    const before = earlier.filter((host) => !held.includes(host));
    const isLate = before.some((host) => toCome.some((each) => each.id === host) || slotOf(small, host) !== null);
    const isLeader =
      group?.leader === id &&
      group.readings.some(({ age, words }) => Math.abs(age) <= 5000 && words.some(({ name }) => name === id));
    const others = toCome.filter((host) => host.id !== id && members.includes(host.id));
    return (isLate && members.includes(id)) || (isLeader && others.length > 0);
  });
}

function isToCome(state: SmallRollout['hosts'][number]['state']): boolean {
  return state === 'waiting' || state === 'ready';
}
