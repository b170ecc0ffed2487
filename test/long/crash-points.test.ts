import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CrashLab } from '../support/crash-lab/crash-lab.ts';
import { listBoundaries, pointsOf, tryPoints } from '../support/crash-lab/crash-trial.ts';
import type { CrashPoint } from '../support/crash-lab/interruptible-controller.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

/** So many of the points, spread over all: `ZDMS_CRASH_POINTS=300`. */
const wanted = Number(process.env['ZDMS_CRASH_POINTS'] ?? Infinity);
const pointsMin = 300;
/** A controller that starts reads the rollouts of the last day: they must not become too many. */
const pointsPerLab = 40;
/** The order of what happens at the same time differs from run to run, so a rollout may not come to a boundary of another one. */
const attemptsMax = 3;
const missedShareMax = 0.02;
const brokenMax = 5;
const sayEvery = 10;
/** Far more than it takes (ms): two to three hours on two cores that do nothing else. */
const deadlineMs = 10 * 3_600_000;

/** Labs, one after the other: the next one when one is used up, or when something in it has gone wrong. */
class Labs {
  #lab: CrashLab | null = null;
  #used = 0;

  async take(): Promise<CrashLab> {
    if (this.#used === pointsPerLab) await this.drop();
    this.#lab ??= await CrashLab.up();
    this.#used += 1;
    return this.#lab;
  }

  async drop(): Promise<void> {
    await this.#lab?.down();
    this.#lab = null;
    this.#used = 0;
    removeTemporaryDirectories();
  }
}

/** Null: it was interrupted there, and all was well. */
async function missedOrBroken(labs: Labs, point: CrashPoint): Promise<'missed' | Error | null> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    try {
      const missed = await tryPoints(await labs.take(), [point]);
      if (missed.length === 0) return null;
    } catch (error) {
      await labs.drop();
      return new Error(JSON.stringify(point), { cause: error });
    }
  }
  return 'missed';
}

/** Evenly spread over all. */
function thinOut(points: readonly CrashPoint[]): readonly CrashPoint[] {
  const step = Math.max(1, points.length / wanted);
  return points.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

describe('a rollout of twelve hosts whose real controller is killed, or stands still until another one leads', function () {
  this.timeout(deadlineMs);

  it('at any boundary patches and boots every host once, loses nothing it was told is on disk, and no user notices', async () => {
    const labs = new Labs();
    const startedAt = performance.now();
    const missed: CrashPoint[] = [];
    const broken: Error[] = [];
    try {
      const all = pointsOf(await listBoundaries(await labs.take()));
      assert.ok(all.length >= pointsMin, `only ${all.length} points`);
      const points = thinOut(all);
      for (const [index, point] of points.entries()) {
        const result = await missedOrBroken(labs, point);
        if (result === 'missed') missed.push(point);
        else if (result !== null) broken.push(result);
        if (result instanceof Error) console.error(result);
        assert.ok(broken.length < brokenMax, `${broken.length} broken`);
        if ((index + 1) % sayEvery > 0 && index + 1 < points.length) continue;
        const minutes = Math.round((performance.now() - startedAt) / 60_000);
        console.log(
          `    ${index + 1} of ${points.length} points, ${missed.length} missed, ${broken.length} broken, ${minutes} min`,
        );
      }
      assert.deepEqual(broken, []);
      assert.ok(missed.length <= missedShareMax * points.length, JSON.stringify(missed));
    } finally {
      await labs.drop();
    }
  });
});
