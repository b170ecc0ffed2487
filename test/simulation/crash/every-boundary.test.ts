import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SimulatedFleet } from '../../support/simulation/simulated-fleet.ts';
import { type Crossing, type How, InterruptedRollout, pointsOf } from './interrupted-rollout.ts';
import { type ReferenceName, referenceRollouts } from './reference-rollouts.ts';

/** Fewer would mean that a port is not watched any more. */
const pointsMin = 400;
/** Longer than every deadline (ms). */
const ageMs = 300_000;

interface Options {
  readonly how?: How;
  readonly successorAfterMs?: number;
  /** Only right after a commit, and when a host has got what was sent. */
  readonly effectsOnly?: boolean;
  readonly meanwhile?: (fleet: SimulatedFleet) => Promise<void>;
}

/** Interrupts a rollout at each of its boundaries in turn; returns how many there were. */
async function interruptEverywhere(reference: ReferenceName, options: Options = {}): Promise<number> {
  const { how = 'crash', successorAfterMs, effectsOnly = false, meanwhile } = options;
  const undisturbed = new InterruptedRollout(referenceRollouts[reference], []);
  await undisturbed.run(meanwhile);
  await undisturbed.assertAllIsWell();
  const [crossings = []] = undisturbed.crossings;
  const points = pointsOf(crossings).filter((at) => !effectsOnly || isEffect(crossings[at - 1]));
  for (const at of points) {
    const run = new InterruptedRollout(referenceRollouts[reference], [{ at, how }], successorAfterMs);
    try {
      await run.run(meanwhile);
      await run.assertAllIsWell();
      assert.equal(run.happened, 1, 'it was not interrupted at all');
    } catch (error) {
      const { side, names } = crossings[at - 1] ?? { side: '', names: [] };
      throw new Error(`${reference}: ${how} at ${at}, ${side} ${names.join(' + ')}`, { cause: error });
    }
  }
  return points.length;
}

function isEffect(crossing: Crossing | undefined): boolean {
  return crossing?.side === 'after' && /^(commit|delivery)/.test(crossing.names[0] ?? '');
}

/** From the first drain until long after a crash at any time. */
async function halted(fleet: SimulatedFleet): Promise<void> {
  fleet.clock.at(fleet.clock.now() + 2000, () => fleet.process.isAlive && fleet.halt());
  await fleet.pass(20_000);
  fleet.unhalt();
}

describe('a controller that is killed', function () {
  this.timeout(300_000);

  for (const reference of ['web', 'voters'] as const)
    it(`at any boundary of a rollout of ${reference} loses nothing and does nothing twice`, async () => {
      const points = await interruptEverywhere(reference);

      assert.ok(points >= pointsMin, `only ${points} points were tried`);
    });

  for (const reference of ['web', 'voters'] as const)
    it(`for longer than every deadline, in a rollout of ${reference}, finishes what it finds`, async () => {
      await interruptEverywhere(reference, { successorAfterMs: ageMs, effectsOnly: true });
    });

  it('while everything is halted has a successor that begins nothing before the end of the halt', async () => {
    await interruptEverywhere('web', { effectsOnly: true, meanwhile: halted });
  });
});

describe('a controller that stands still until a successor has taken over, and goes on', function () {
  this.timeout(300_000);

  for (const reference of ['web', 'voters'] as const)
    it(`at any boundary of a rollout of ${reference} does no harm`, async () => {
      const points = await interruptEverywhere(reference, { how: 'pause' });

      assert.ok(points >= pointsMin, `only ${points} points were tried`);
    });

  it('stops itself, and hosts let no effect of it happen once they heard its successor', async () => {
    const fleet = new SimulatedFleet(referenceRollouts.web);
    await fleet.startRollout();
    const old = fleet.process;
    await fleet.until('a host is out', () => fleet.rules.slots.length > 0);

    await fleet.startController();
    await fleet.untilEnded();

    assert.equal(fleet.rollout.state, 'done');
    assert.equal(old.stoppedBy?.name, 'StaleEpochError');
    assert.equal(fleet.host('web-1').boots, 1);
  });
});
