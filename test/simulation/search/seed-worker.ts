import { parentPort } from 'node:worker_threads';
import { runSeed, type RunOptions, type SeedResult } from './run-scenario.ts';

/** One seed to play; with `twice` it is played again, and the two stories have to be the same. */
export interface SeedOrder extends RunOptions {
  readonly seed: number;
  readonly twice: boolean;
}

/** Plays it, once or twice. */
export async function playSeed({ seed, twice, ...options }: SeedOrder): Promise<SeedResult> {
  const first = await runSeed(seed, { ...options, hash: twice });
  if (!twice) return first;
  const second = await runSeed(seed, { hash: true });
  if (second.storyHash === first.storyHash) return first;
  return { ...first, broken: first.broken ?? 'played twice, it is not the same story' };
}

parentPort?.on('message', (order: SeedOrder) => {
  void playSeed(order).then((result) => parentPort?.postMessage(result));
});
