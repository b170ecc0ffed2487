/**
 * The load, a process of its own: `node load.ts --config JSON --out FILE`.
 *
 * Writes one line for each request to FILE (request-record.ts) and one line of progress a second to stdout (LoadProgress). Ends on
 * SIGTERM, SIGINT, or when its stdin closes, which is how it notices that whoever started it is gone.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OpenLoop, type Target } from './open-loop.ts';
import { hasFailed, writeRecord, type LoadHeader, type RequestRecord } from './request-record.ts';

/** What `--config` holds. */
export interface LoadConfig {
  readonly targets: readonly Target[];
  readonly ratePerSecond: number;
  readonly deadlineMs: number;
  readonly path: string;
}

/** One line of stdout, as JSON. The last one, after all answers are in, has `ended` true. */
export interface LoadProgress {
  readonly at: number;
  readonly sent: number;
  readonly failed: number;
  readonly ended: boolean;
}

const FLUSH_EVERY_MS = 1_000;
/** Three hours at 400 requests a second; a load that nobody stops must not fill the disk. */
const REQUESTS_MAX = 4_500_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, out: { type: 'string' } } });
  if (values.config === undefined || values.out === undefined)
    throw new Error('usage: load.ts --config JSON --out FILE');
  const config = JSON.parse(values.config) as LoadConfig;
  const balancers = config.targets.map((target) => target.name);
  const file = openSync(values.out, 'w');
  // Whoever reads the progress may be gone; the records are still written.
  process.stdout.on('error', () => undefined);
  let lines: string[] = [];
  let failed = 0;
  const onRecord = (record: RequestRecord): void => {
    lines.push(writeRecord(record, balancers));
    if (hasFailed(record)) failed += 1;
  };
  const loop = new OpenLoop({ ...config, onRecord });
  const flush = (ended: boolean): void => {
    if (lines.length > 0) writeSync(file, `${lines.join('\n')}\n`);
    lines = [];
    const progress: LoadProgress = { at: Date.now(), sent: loop.sent, failed, ended };
    process.stdout.write(`${JSON.stringify(progress)}\n`);
  };
  const startedAt = loop.start();
  const header: LoadHeader = {
    startedAt,
    ratePerSecond: config.ratePerSecond,
    deadlineMs: config.deadlineMs,
    balancers,
  };
  writeSync(file, `${JSON.stringify(header)}\n`);
  await untilTold(() => {
    flush(false);
    return loop.sent < REQUESTS_MAX;
  });
  await loop.stop();
  flush(true);
  closeSync(file);
}

/** Resolves on a signal, when stdin closes, or when the beat, called once a second, returns false. */
function untilTold(beat: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!beat()) end();
    }, FLUSH_EVERY_MS);
    const end = (): void => {
      clearInterval(timer);
      process.stdin.destroy();
      resolve();
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    process.stdin.once('close', end);
    process.stdin.once('end', end);
    process.stdin.on('error', end);
    process.stdin.resume();
  });
}

await main();
