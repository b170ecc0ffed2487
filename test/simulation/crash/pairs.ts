import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  type FirstInterruption,
  firstInterruptions,
  type BrokenPair,
  type PairsResult,
  problemOf,
} from './crash-pairs.ts';
import type { How } from './interrupted-rollout.ts';
import { type ReferenceName, referenceRollouts } from './reference-rollouts.ts';

const usage = `usage: node test/simulation/crash/pairs.ts [--pairs N] [--seed N] [--workers N] [--json]
       node test/simulation/crash/pairs.ts --replay REFERENCE,AT,HOW,AT,HOW

Interrupts a simulated controller at a boundary, and its successor at a boundary of the recovery: each by a crash or by a pause in which
the next one takes over. Exit code 1 when a pair breaks a rule.
`;
const sayEveryMs = 5000;
const shownMax = 5;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'boolean', default: false },
      replay: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.replay !== undefined) return replay(values.replay);
  const [pairs, seed, workers] = [Number(values.pairs), Number(values.seed), Number(values.workers)];
  const { pairs: tried, broken } = await runAll(pairs, seed, workers);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = Math.round((user + system) / 1e6);
  const pairsPerCpuMinute = Math.round((tried * 60) / Math.max(1, cpuSeconds));
  for (const each of broken.slice(0, shownMax)) process.stderr.write(`${describe(each)}\n${each.problem}\n`);
  const sum = {
    pairs: tried,
    breaks: broken.length,
    seed,
    cpuSeconds,
    pairsPerCpuMinute,
    broken: broken.map(describe),
  };
  process.stdout.write(
    values.json ? `${JSON.stringify(sum)}\n` : `${tried} pairs, ${broken.length} broken, ${cpuSeconds} s of CPU\n`,
  );
  return broken.length === 0 ? 0 : 1;
}

async function runAll(pairs: number, seed: number, workers: number): Promise<PairsResult> {
  const tasks = [...(await firstInterruptions(pairs, seed))];
  const startedAt = performance.now();
  const broken: BrokenPair[] = [];
  let tried = 0;
  const say = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    process.stderr.write(`${tried} of ${pairs} pairs, ${broken.length} broken, ${seconds} s\n`);
  }, sayEveryMs);
  const add = (result: PairsResult): void => {
    tried += result.pairs;
    broken.push(...result.broken);
  };
  await Promise.all(Array.from({ length: workers }, () => work(tasks, add)));
  clearInterval(say);
  return { pairs: tried, broken };
}

/** One worker takes tasks until none is left. */
function work(tasks: FirstInterruption[], add: (result: PairsResult) => void): Promise<void> {
  const worker = new Worker(new URL('pairs-worker.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const task = tasks.shift();
      if (task === undefined) void worker.terminate().then(() => resolve());
      else worker.postMessage(task);
    };
    worker.on('message', (result: PairsResult) => {
      add(result);
      next();
    });
    worker.on('error', reject);
    next();
  });
}

function describe({ reference, pair }: BrokenPair): string {
  return [reference, ...pair.flatMap(({ at, how }) => [at, how])].join(',');
}

async function replay(text: string): Promise<number> {
  const [reference = '', ...numbers] = text.split(',');
  const [firstAt, firstHow, secondAt, secondHow] = numbers;
  if (!(reference in referenceRollouts)) throw new Error(`no rollout ${reference}`);
  const problem = await problemOf(reference as ReferenceName, [
    { at: Number(firstAt), how: firstHow as How },
    { at: Number(secondAt), how: secondHow as How },
  ]);
  process.stdout.write(`${problem ?? 'well'}\n`);
  return problem === null ? 0 : 1;
}

process.exitCode = await main();
