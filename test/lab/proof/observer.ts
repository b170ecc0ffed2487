/**
 * The observer, a process of its own: `node observer.ts --config JSON --out FILE`.
 *
 * Asks each balancer for its own view of its servers, again and again, and writes each answer as one line (Reading) to FILE. It
 * knows nothing of zdms. Ends on SIGTERM, SIGINT, or when its stdin closes.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { endSignal } from './end-signal.ts';
import { serverStatuses } from './haproxy-statistics.ts';
import type { Reading } from './observation.ts';

/** What `--config` holds. */
export interface ObserverConfig {
  readonly balancers: readonly { readonly name: string; readonly url: string }[];
  readonly backend: string;
  readonly everyMs: number;
}

/** A balancer that has not answered by then did not answer. */
const ANSWER_DEADLINE_MS = 900;

const agent = new Agent({ keepAlive: true, timeout: 5_000 });

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = get(url, { agent, signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString()));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
  });
}

async function read(url: string, backend: string): Promise<Reading['servers']> {
  try {
    return serverStatuses(await fetchText(url), backend);
  } catch {
    return null;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, out: { type: 'string' } } });
  if (values.config === undefined || values.out === undefined)
    throw new Error('usage: observer.ts --config JSON --out FILE');
  const config = JSON.parse(values.config) as ObserverConfig;
  const file = openSync(values.out, 'w');
  const signal = endSignal();
  await Promise.all(config.balancers.map((balancer) => watch(balancer, config, file, signal)));
  closeSync(file);
  agent.destroy();
}

async function watch(
  { name, url }: ObserverConfig['balancers'][number],
  config: ObserverConfig,
  file: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const startedMs = performance.now();
    const servers = await read(url, config.backend);
    const reading: Reading = { at: performance.timeOrigin + performance.now(), balancer: name, servers };
    writeSync(file, `${JSON.stringify(reading)}\n`);
    await sleep(Math.max(10, config.everyMs - (performance.now() - startedMs)), undefined, { signal }).catch(
      () => undefined,
    );
  }
}

await main();
