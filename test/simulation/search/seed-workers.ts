import { Worker } from 'node:worker_threads';
import type { SeedResult } from './run-scenario.ts';
import type { SeedOrder } from './seed-worker.ts';

/** A seed that takes longer goes round in circles without letting time pass. Counted in CPU (ms): the machine may have other work. */
const seedCpuMsMax = 180_000;
/** One that waits for what never comes uses no CPU (ms). */
const seedDeadlineMs = 1_800_000;
const cpuCheckEveryMs = 5000;

export interface SeedWork {
  readonly seeds: Iterable<number>;
  readonly twice: boolean;
  /** How many seeds are played at the same time, each in a thread of its own. */
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onResult: (result: SeedResult) => void;
}

/** Plays all seeds; resolves when the last one has ended, or the signal aborts. */
export async function playSeeds(work: SeedWork): Promise<void> {
  const seeds = work.seeds[Symbol.iterator]();
  await Promise.all(Array.from({ length: work.threads }, () => playWithOneThread(seeds, work)));
}

async function playWithOneThread(seeds: Iterator<number>, { twice, signal, onResult }: SeedWork): Promise<void> {
  let worker: Worker | null = null;
  for (let next = seeds.next(); next.done !== true && !signal.aborted; next = seeds.next()) {
    worker ??= new Worker(new URL('./seed-worker.ts', import.meta.url));
    const result = await playIn(worker, { seed: next.value, twice }, signal);
    if (result === null || result.hosts === 0) {
      await worker.terminate();
      worker = null;
    }
    if (result !== null) onResult(result);
  }
  await worker?.terminate();
}

/** Null: it was called off. A thread that dies or does not end has broken its seed. */
function playIn(worker: Worker, order: SeedOrder, signal: AbortSignal): Promise<SeedResult | null> {
  return new Promise((resolve) => {
    const end = (result: SeedResult | null): void => {
      clearTimeout(deadline);
      clearInterval(cpuCheck);
      worker.off('message', end).off('error', fail);
      signal.removeEventListener('abort', callOff);
      resolve(result);
    };
    const fail = (error: unknown): void =>
      end(lost(order.seed, error instanceof Error ? (error.stack ?? error.message) : String(error)));
    const callOff = (): void => end(null);
    const deadline = setTimeout(() => fail(`not ended after ${seedDeadlineMs / 1000} s`), seedDeadlineMs);
    const cpuAtStart = cpuMsOf(worker).catch(() => 0);
    const cpuCheck = setInterval(() => {
      void Promise.all([cpuAtStart, cpuMsOf(worker)])
        .then(([before, now]) =>
          now - before > seedCpuMsMax ? fail(`not ended after ${seedCpuMsMax / 1000} s of CPU`) : null,
        )
        .catch(fail);
    }, cpuCheckEveryMs);
    signal.addEventListener('abort', callOff, { once: true });
    worker.on('message', end).on('error', fail);
    worker.postMessage(order);
  });
}

/** Of this thread. */
async function cpuMsOf(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1000;
}

function lost(seed: number, broken: string): SeedResult {
  return {
    ...{ seed, kind: 'anything', hosts: 0, rested: [], atRest: false, broken },
    ...{ events: 0, virtualMs: 0, storyHash: null, story: [] },
  };
}
