import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BeatLoop } from '../../../agent/daemon/beat-loop.ts';
import { FakeClock } from './fake-clock.ts';

/** A loop whose beats take `tookMs` and that notes when each began. */
function startLoop(everyMs: number, tookMs = 0): { clock: FakeClock; loop: BeatLoop; sentAt: number[] } {
  const clock = new FakeClock();
  const sentAt: number[] = [];
  const loop = new BeatLoop(clock, everyMs, async () => {
    sentAt.push(clock.now());
    if (tookMs > 0) await new Promise<void>((resolve) => clock.after(tookMs, resolve));
  });
  loop.beatNow();
  return { clock, loop, sentAt };
}

describe('beats', () => {
  it('come at the interval, counted from start to start', async () => {
    const { clock, loop, sentAt } = startLoop(10_000, 1500);
    await clock.pass(30_000);
    loop.stop();
    assert.deepEqual(sentAt, [0, 10_000, 20_000, 30_000]);
  });

  it('never overlap: one that takes longer than the interval is followed at once', async () => {
    const { clock, loop, sentAt } = startLoop(1000, 2000);
    await clock.pass(6000);
    loop.stop();
    assert.deepEqual(sentAt, [0, 2000, 4000, 6000]);
  });

  it('come at once when asked, and at the new interval from there', async () => {
    const { clock, loop, sentAt } = startLoop(10_000);
    await clock.pass(3000);
    loop.setInterval(1000);
    loop.beatNow();
    await clock.pass(2000);
    loop.stop();
    assert.deepEqual(sentAt, [0, 3000, 4000, 5000]);
  });

  it('that are asked for while one is being sent follow it once', async () => {
    const { clock, loop, sentAt } = startLoop(10_000, 500);
    await clock.pass(100);
    loop.beatNow();
    loop.beatNow();
    await clock.pass(5000);
    loop.stop();
    assert.deepEqual(sentAt, [0, 500]);
  });

  it('end when stopped, even in the middle of one', async () => {
    const { clock, loop, sentAt } = startLoop(1000, 500);
    await clock.pass(100);
    loop.stop();
    await clock.pass(10_000);
    assert.deepEqual(sentAt, [0]);
  });
});
