/** `./scripts/bench by-hand`: the same rolling job by hand and by zdms, on real hosts. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchByHand, type ByHandResult } from '../lab/proof/by-hand-bench.ts';
import { abortable, interruptionSignal } from '../lab/proof/interruption.ts';
import { zdmsLabUp } from '../lab/proof/zdms-lab.ts';
import type { BenchOutcome } from './outcome.ts';

const DIRECTORY = join(import.meta.dirname, '../../.cache/bench');

function say(line: string): void {
  console.error(`[${String(Math.round(performance.now() / 1000)).padStart(3)} s] ${line}`);
}

function resultText({ hosts, byHand, zdms, limits }: ByHandResult): string {
  const rows = hosts.map(({ id, byHandSeconds, zdmsSeconds, oursSeconds }) =>
    [
      id.padEnd(8),
      byHandSeconds.toFixed(1).padStart(8),
      zdmsSeconds.toFixed(1).padStart(6),
      oursSeconds.toFixed(2).padStart(6),
    ].join(''),
  );
  const medians = `${'median'.padEnd(8)}${byHand.medianSeconds.toFixed(1).padStart(8)}${zdms.medianSeconds.toFixed(1).padStart(6)}`;
  const judged = limits.map(
    ({ name, value, atMost, passed }) => `${passed ? 'ok    ' : 'FAILED'}  ${name}: ${value} (at most ${atMost})`,
  );
  return ['out of service, seconds', `${'host'.padEnd(8)} by hand  zdms  ours`, ...rows, medians, '', ...judged].join(
    '\n',
  );
}

/** Brings up a lab of its own and takes it down. */
export async function runByHand(): Promise<BenchOutcome> {
  const signal = interruptionSignal();
  const lab = await zdmsLabUp({ topology: 'default', directory: DIRECTORY, say, signal });
  try {
    const result = await abortable(benchByHand(lab, say), signal);
    return { json: result, text: resultText(result), passed: result.limits.every((each) => each.passed) };
  } finally {
    await lab.down();
    rmSync(DIRECTORY, { recursive: true, force: true });
  }
}
