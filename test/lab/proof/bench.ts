/** `./scripts/bench NAME`: measurements that need the lab, one entry of `benches` each. */
import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchByHand, type ByHandResult } from './by-hand-bench.ts';
import { abortable, interruptionSignal, reportError } from './interruption.ts';
import { zdmsLabUp, type ZdmsLab } from './zdms-lab.ts';

type BenchResult = ByHandResult;

const benches: Readonly<Record<string, (lab: ZdmsLab, say: (line: string) => void) => Promise<BenchResult>>> = {
  'by-hand': benchByHand,
};

const USAGE = `usage: ./scripts/bench NAME [--json] [--out FILE]

  by-hand   the same steps by hand in a shell script and by zdms with one host at a time, in one lab under the
            same load: how long each host is out of service (at most 1.5 x), and the part of it that is ours (1.5 s)

  --json       print the result as JSON
  --out FILE   write the JSON there as well

Exit codes: 0 within the limits, 1 not, or an error, 2 bad usage, 130 after Ctrl-C.
`;
const DIRECTORY = join(import.meta.dirname, '../../../.cache/bench');

function say(line: string): void {
  console.error(`[${String(Math.round(performance.now() / 1000)).padStart(3)} s] ${line}`);
}

function resultText({ hosts, byHand, zdms, limits }: BenchResult): string {
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

async function main(): Promise<number> {
  const options = {
    json: { type: 'boolean' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const bench = benches[positionals[0] ?? ''];
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (bench === undefined || positionals.length !== 1) {
    console.error(USAGE);
    return 2;
  }
  const signal = interruptionSignal();
  const lab = await zdmsLabUp({ topology: 'default', directory: DIRECTORY, say, signal });
  let ended = 1;
  try {
    const result = await abortable(bench(lab, say), signal);
    if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
    console.log(values.json === true ? JSON.stringify(result, null, 2) : resultText(result));
    ended = result.limits.every((each) => each.passed) ? 0 : 1;
  } finally {
    await lab.down();
    if (ended === 0) rmSync(DIRECTORY, { recursive: true, force: true });
  }
  return ended;
}

// What was interrupted may still hold timers and pipes of a lab that is gone, so this process ends itself.
process.exit(await main().catch(reportError));
