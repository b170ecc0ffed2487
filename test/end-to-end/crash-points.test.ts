import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { CrashLab } from '../support/crash-lab/crash-lab.ts';
import { listBoundaries, pointsOf, tryPoints } from '../support/crash-lab/crash-trial.ts';
import type { CrashPoint } from '../support/crash-lab/interruptible-controller.ts';
import { SeededRandom } from '../support/simulation/seeded-random.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

/** Another seed, other points: `ZDMS_CRASH_SEED=7`. All of them: `./scripts/test --long`. */
const seed = Number(process.env['ZDMS_CRASH_SEED'] ?? 1);
const samples = 10;
const rollouts = 2;
/** Of a rollout of twelve hosts. */
const pointsMin = 300;

/** Points of the whole rollout, in its order. */
function sample(points: readonly CrashPoint[]): readonly CrashPoint[] {
  const random = new SeededRandom(seed);
  const chosen = new Set<CrashPoint>();
  while (chosen.size < samples) chosen.add(random.pick(points));
  return points.filter((point) => chosen.has(point));
}

function textOf({ name, side, how }: CrashPoint): string {
  return `${how} ${side} ${name}`;
}

describe('a rollout of twelve hosts whose real controller is killed, or stands still until another one leads', function () {
  // A minute on a machine that does nothing else.
  this.timeout(1_200_000);
  let lab: CrashLab;

  before('bring up hosts and controller', async () => {
    lab = await CrashLab.up();
  });

  after('take them down', async () => {
    await lab.down();
    removeTemporaryDirectories();
  });

  it(`at ${samples} of all its boundaries, a few in each rollout, patches and boots every host once, and no user notices`, async () => {
    const points = pointsOf(await listBoundaries(lab));
    assert.ok(points.length >= pointsMin, `only ${points.length} points`);
    const sampled = sample(points);
    console.log(`    seed ${seed}, of ${points.length}: ${sampled.map(textOf).join('; ')}`);

    const missed: CrashPoint[] = [];
    for (let rollout = 0; rollout < rollouts; rollout += 1)
      missed.push(
        ...(await tryPoints(
          lab,
          sampled.filter((_, index) => index % rollouts === rollout),
        )),
      );

    // Its predecessor had gone past it by then: once more, with nobody before it.
    for (const point of missed) assert.deepEqual(await tryPoints(lab, [point]), [], textOf(point));
  });
});
