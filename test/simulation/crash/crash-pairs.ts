import assert from 'node:assert/strict';
import { SeededRandom } from '../../support/simulation/seeded-random.ts';
import { type How, type Interruption, InterruptedRollout, pointsOf } from './interrupted-rollout.ts';
import { type ReferenceName, referenceRollouts } from './reference-rollouts.ts';

export const bothWays: readonly How[] = ['crash', 'pause'];

/** The first of two interruptions, and how many second ones are to be tried in the recovery from it. */
export interface FirstInterruption {
  readonly reference: ReferenceName;
  readonly first: Interruption;
  readonly seconds: number;
  readonly seed: number;
}

/** Two interruptions of one rollout, and what went wrong. */
export interface BrokenPair {
  readonly reference: ReferenceName;
  readonly pair: readonly [Interruption, Interruption];
  readonly problem: string;
}

export interface PairsResult {
  readonly pairs: number;
  readonly broken: readonly BrokenPair[];
}

/** Every first interruption of every reference rollout, with `pairs` pairs spread evenly over them; fewer than one each leaves some out, by the seed. */
export async function firstInterruptions(pairs: number, seed: number): Promise<readonly FirstInterruption[]> {
  const all: Pick<FirstInterruption, 'reference' | 'first'>[] = [];
  for (const reference of Object.keys(referenceRollouts) as ReferenceName[]) {
    const run = new InterruptedRollout(referenceRollouts[reference], []);
    await run.run();
    for (const at of pointsOf(run.crossings[0] ?? []))
      for (const how of bothWays) all.push({ reference, first: { at, how } });
  }
  const offset = new SeededRandom(seed).fraction();
  return all.flatMap((each, index) => {
    // Whole numbers whose sum is `pairs`, however it is divided.
    const upTo = (count: number): number => Math.floor((count * pairs) / all.length + offset);
    const seconds = upTo(index + 1) - upTo(index);
    return seconds === 0 ? [] : [{ ...each, seconds, seed: seed * 100_003 + index }];
  });
}

/** Interrupts the successor too: at points spread evenly over its work, both ways. */
export async function runPairs(task: FirstInterruption): Promise<PairsResult> {
  const { reference, first } = task;
  const single = new InterruptedRollout(referenceRollouts[reference], [first]);
  await single.run();
  const seconds = chooseSeconds(pointsOf(single.crossings[1] ?? []), task);
  const broken: BrokenPair[] = [];
  for (const second of seconds) {
    const problem = await problemOf(reference, [first, second]);
    if (problem !== null) broken.push({ reference, pair: [first, second], problem });
  }
  return { pairs: seconds.length, broken };
}

function chooseSeconds(points: readonly number[], { seconds, seed }: FirstInterruption): readonly Interruption[] {
  const all = points.flatMap((at) => bothWays.map((how) => ({ at, how })));
  const count = Math.min(seconds, all.length);
  const offset = new SeededRandom(seed).fraction();
  return Array.from({ length: count }, (_, index) => all[Math.floor(((index + offset) * all.length) / count)]).filter(
    (each) => each !== undefined,
  );
}

/** Null: it went well. */
export async function problemOf(
  reference: ReferenceName,
  pair: readonly [Interruption, Interruption],
): Promise<string | null> {
  const run = new InterruptedRollout(referenceRollouts[reference], pair);
  try {
    await run.run();
    await run.assertAllIsWell();
    assert.equal(run.happened, 2, 'the second interruption did not happen');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
