/**
 * The writer, a process of its own: `node etcd-writer.ts --config JSON --out FILE`.
 *
 * Puts a numbered key to etcd each `everyMs`, whatever became of the one before, as a client does that has the list of all members:
 * it stays with one, and goes to the next when that one fails it. Writes each put as one line (PutRecord) to FILE. When told to end
 * it reads all keys back and writes what it found as the last line (ReadBack).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { endSignal } from './end-signal.ts';
import { closeConnections, put, readAll, type EtcdEndpoint } from './etcd-client.ts';
import { keyOf, valueOf, type PutRecord, type ReadBack } from './put-summary.ts';

/** What `--config` holds. */
export interface WriterConfig {
  readonly endpoints: readonly EtcdEndpoint[];
  readonly everyMs: number;
  /** A put that no member has acknowledged this long after its due time has failed. */
  readonly deadlineMs: number;
  /** Of all keys. */
  readonly prefix: string;
}

/** A member that has not answered by then is given up for the next one; the put itself goes on. */
const ATTEMPT_DEADLINE_MS = 1_000;
const NEXT_ENDPOINT_PAUSE_MS = 20;
const READ_BACK_DEADLINE_MS = 10_000;
/** Three hours; a writer that nobody stops must not fill the disk. */
const PUTS_MAX = 108_000;

class EtcdWriter {
  readonly #config: WriterConfig;
  readonly #onRecord: (record: PutRecord) => void;
  readonly #underWay = new Set<Promise<void>>();
  /** The index of the member that served last. */
  #current = 0;

  constructor(config: WriterConfig, onRecord: (record: PutRecord) => void) {
    this.#config = config;
    this.#onRecord = onRecord;
  }

  /** Sends until the signal, and resolves when every put has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    for (let number = 0; number < PUTS_MAX; number += 1) {
      const dueMs = startedMs + number * this.#config.everyMs;
      await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      const sent = this.#put(number, dueMs).finally(() => this.#underWay.delete(sent));
      this.#underWay.add(sent);
    }
    await Promise.all(this.#underWay);
  }

  async #put(number: number, dueMs: number): Promise<void> {
    const { prefix, deadlineMs } = this.#config;
    const attempt = (endpoint: EtcdEndpoint, leftMs: number): Promise<void> =>
      put(endpoint, keyOf(prefix, number), valueOf(number), leftMs);
    const { attempts, error } = await this.#withAnyEndpoint(attempt, dueMs + deadlineMs).then(
      ({ attempts: made }) => ({ attempts: made, error: null }),
      (failure: unknown) => ({ attempts: 0, error: String(failure) }),
    );
    const at = performance.timeOrigin + dueMs;
    this.#onRecord({ number, dueAt: at, tookMs: Math.round(performance.now() - dueMs), attempts, error });
  }

  async readBack(): Promise<ReadBack> {
    const { prefix } = this.#config;
    try {
      const { result } = await this.#withAnyEndpoint(
        (endpoint, leftMs) => readAll(endpoint, prefix, leftMs),
        performance.now() + READ_BACK_DEADLINE_MS,
      );
      return { found: Object.fromEntries(result), error: null };
    } catch (error) {
      return { found: {}, error: String(error) };
    }
  }

  /** Tries the members in turn, beginning with the one that served last. Throws the last error at the deadline. */
  async #withAnyEndpoint<T>(
    work: (endpoint: EtcdEndpoint, leftMs: number) => Promise<T>,
    untilMs: number,
  ): Promise<{ readonly result: T; readonly attempts: number }> {
    const { endpoints } = this.#config;
    for (let attempts = 1; ; attempts += 1) {
      const used = this.#current;
      const endpoint = endpoints[used];
      if (endpoint === undefined) throw new Error('a writer needs an endpoint');
      try {
        const leftMs = Math.min(ATTEMPT_DEADLINE_MS, untilMs - performance.now());
        return { result: await work(endpoint, Math.max(1, Math.round(leftMs))), attempts };
      } catch (error) {
        // Only the first of those that fail together moves on, or they would pass by the member that is well.
        if (this.#current === used) this.#current = (used + 1) % endpoints.length;
        if (performance.now() + NEXT_ENDPOINT_PAUSE_MS >= untilMs) throw error;
        await sleep(NEXT_ENDPOINT_PAUSE_MS);
      }
    }
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, out: { type: 'string' } } });
  if (values.config === undefined || values.out === undefined)
    throw new Error('usage: etcd-writer.ts --config JSON --out FILE');
  const file = openSync(values.out, 'w');
  const writer = new EtcdWriter(JSON.parse(values.config) as WriterConfig, (record) => {
    writeSync(file, `${JSON.stringify(record)}\n`);
  });
  await writer.run(endSignal());
  writeSync(file, `${JSON.stringify(await writer.readBack())}\n`);
  closeSync(file);
  closeConnections();
}

await main();
