/**
 * The observer of etcd, a process of its own: `node etcd-observer.ts --config JSON --out FILE`.
 *
 * Asks each member for its health and its leader, again and again, and writes each answer as one line (MemberReading) to FILE. It
 * knows nothing of zdms.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { endSignal } from './end-signal.ts';
import { closeConnections, readHealth, readStatus, type EtcdEndpoint } from './etcd-client.ts';
import type { MemberReading } from './quorum-observation.ts';

/** What `--config` holds. */
export interface EtcdObserverConfig {
  readonly endpoints: readonly EtcdEndpoint[];
  readonly everyMs: number;
}

/** A member that has not answered by then did not answer. */
const ANSWER_DEADLINE_MS = 900;

async function read(endpoint: EtcdEndpoint): Promise<MemberReading['answer']> {
  // A member without a leader lets the question for its health wait, but tells its status at once.
  const health = readHealth(endpoint, ANSWER_DEADLINE_MS).catch(() => false);
  try {
    const status = await readStatus(endpoint, ANSWER_DEADLINE_MS);
    return { ...status, healthy: await health };
  } catch {
    return null;
  }
}

async function watch(endpoint: EtcdEndpoint, everyMs: number, file: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const askedMs = performance.now();
    const answer = await read(endpoint);
    const reading: MemberReading = {
      askedAt: performance.timeOrigin + askedMs,
      at: performance.timeOrigin + performance.now(),
      member: endpoint.name,
      answer,
    };
    writeSync(file, `${JSON.stringify(reading)}\n`);
    const restMs = Math.max(10, everyMs - (performance.now() - askedMs));
    await sleep(restMs, undefined, { signal }).catch(() => undefined);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, out: { type: 'string' } } });
  if (values.config === undefined || values.out === undefined)
    throw new Error('usage: etcd-observer.ts --config JSON --out FILE');
  const { endpoints, everyMs } = JSON.parse(values.config) as EtcdObserverConfig;
  const file = openSync(values.out, 'w');
  const signal = endSignal();
  await Promise.all(endpoints.map((endpoint) => watch(endpoint, everyMs, file, signal)));
  closeSync(file);
  closeConnections();
}

await main();
