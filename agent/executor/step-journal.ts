import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { OrderBody, Signed } from '../../proto/zdms/v1/executor.ts';
import { signed } from '../../proto/zdms/v1/executor.ts';
import { createDurably, replaceDurably, replaceQuickly } from './durable-file.ts';
import type { ExecutorPaths } from './executor-paths.ts';
import { ordersDirectory, stepsDirectory } from './executor-paths.ts';
import { Refusal } from './refusal.ts';
import type { StepRecord } from './step-record.ts';
import { stepRecord } from './step-record.ts';

/** A rollout has some twenty steps a host; this is months of them. */
const STEPS_MAX = 1000;
const STEP_AGE_MS_MAX = 90 * 24 * 60 * 60 * 1000;
const ORDERS_MAX = 200;
/** Longer than any request is valid, whatever the clocks say. */
const MISSED_AGE_MS_MAX = 3_600_000;
const unitNames = z.array(z.string());

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : JSON.parse(text);
}

/** Reads a JSON file of ours; null when it is not there. Throws Refusal `journal-failed` when it is damaged or unreadable. */
async function readAs<T>(schema: z.ZodType<T>, path: string): Promise<T | null> {
  try {
    const value = await readJson(path);
    return value === null ? null : schema.parse(value);
  } catch (error) {
    throw new Refusal('journal-failed', `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The executor's memory: one file a step, named by its token, on disk before the step begins. Files are replaced, never edited. */
export class StepJournal {
  readonly #steps: string;
  readonly #orders: string;

  constructor(paths: ExecutorPaths) {
    this.#steps = stepsDirectory(paths);
    this.#orders = ordersDirectory(paths);
  }

  #stepPath(token: string): string {
    return join(this.#steps, `${token}.json`);
  }

  async read(token: string): Promise<StepRecord | null> {
    return readAs(stepRecord, this.#stepPath(token));
  }

  /** Changes whenever the record does; for polling without parsing. Null when there is no record. */
  async version(token: string): Promise<string | null> {
    return stat(this.#stepPath(token)).then(
      (found) => `${found.ino}:${found.mtimeMs}`,
      () => null,
    );
  }

  /** Writes the token before the work. False when the token is already there, whoever wrote it. */
  async create(record: StepRecord, order: Signed): Promise<boolean> {
    await mkdir(this.#steps, { recursive: true, mode: 0o700 });
    await mkdir(this.#orders, { recursive: true, mode: 0o700 });
    const orderPath = join(this.#orders, `${record.orderHash}.json`);
    // Its name is its digest, so an order that is there already is this one.
    if (!existsSync(orderPath)) await createDurably(orderPath, JSON.stringify(order));
    return createDurably(this.#stepPath(record.token), JSON.stringify(record));
  }

  /** Somebody asked for this token at that time (ms UTC, as issued) and it was not there: on disk before it returns. */
  async noteMissed(token: string, askedAt: number): Promise<void> {
    await mkdir(this.#steps, { recursive: true, mode: 0o700 });
    await replaceDurably(this.#missedPath(token), String(askedAt));
  }

  /** When somebody last asked for this token in vain, or null. */
  async missedAt(token: string): Promise<number | null> {
    return readAs(z.int(), this.#missedPath(token));
  }

  #missedPath(token: string): string {
    return join(this.#steps, `${token}.missed`);
  }

  /** Writes the outcome, on disk before it returns. */
  async finish(record: StepRecord): Promise<void> {
    await replaceDurably(this.#stepPath(record.token), JSON.stringify(record));
  }

  /** Notes who works, or how far it is: void after a power cut anyway, since the boot is another one then. */
  async note(record: StepRecord): Promise<void> {
    await replaceQuickly(this.#stepPath(record.token), JSON.stringify(record));
  }

  /** The signed order of a step, or null. */
  async readOrder(orderHash: string): Promise<Signed | null> {
    return readAs(signed, join(this.#orders, `${orderHash}.json`));
  }

  /** Units that were failed before anything was done in this rollout: verify does not count them. Null without a preflight. */
  async readFailedUnits(order: OrderBody): Promise<readonly string[] | null> {
    return readAs(unitNames, this.#failedUnitsPath(order));
  }

  async writeFailedUnits(order: OrderBody, units: readonly string[]): Promise<void> {
    await replaceDurably(this.#failedUnitsPath(order), JSON.stringify(units));
  }

  #failedUnitsPath(order: OrderBody): string {
    return join(this.#orders, `${order.plan}.${order.rollout}.failed-units`);
  }

  /** Units that the last apply or rollback of this rollout restarted, and saw to run new files only. Null without one. */
  async readRestarted(order: OrderBody): Promise<readonly string[] | null> {
    return readAs(unitNames, this.#restartedPath(order));
  }

  async writeRestarted(order: OrderBody, units: readonly string[]): Promise<void> {
    await replaceDurably(this.#restartedPath(order), JSON.stringify(units));
  }

  #restartedPath(order: OrderBody): string {
    return join(this.#orders, `${order.plan}.${order.rollout}.restarted`);
  }

  /** All readable records, newest first. */
  async list(): Promise<readonly StepRecord[]> {
    const names = await readdir(this.#steps).catch((): string[] => []);
    const tokens = names
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .map((name) => name.slice(0, -5));
    const records = await Promise.all(tokens.map((token) => this.read(token).catch(() => null)));
    return records.filter((record) => record !== null).sort((left, right) => right.startedAt - left.startedAt);
  }

  /** Removes old finished steps with their logs, and old orders. Unfinished ones stay: someone still has to look at them. */
  async prune(nowMs: number): Promise<void> {
    const records = await this.list();
    const old = records.filter((record, index) => index >= STEPS_MAX || nowMs - record.startedAt > STEP_AGE_MS_MAX);
    const removable = old.filter((record) => record.outcome !== null);
    await Promise.all(
      removable.flatMap(({ token }) => [
        rm(this.#stepPath(token), { force: true }),
        rm(join(this.#steps, `${token}.log`), { force: true }),
      ]),
    );
    await this.#pruneMissed(nowMs);
    await this.#pruneOrders(new Set(records.slice(0, STEPS_MAX).flatMap((record) => [record.orderHash, record.plan])));
  }

  async #pruneMissed(nowMs: number): Promise<void> {
    const names = await readdir(this.#steps).catch((): string[] => []);
    const tokens = names.filter((name) => name.endsWith('.missed')).map((name) => name.slice(0, -'.missed'.length));
    for (const token of tokens)
      if (nowMs - ((await this.missedAt(token)) ?? nowMs) > MISSED_AGE_MS_MAX)
        await rm(this.#missedPath(token), { force: true });
  }

  async #pruneOrders(used: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#orders).catch((): string[] => []);
    if (names.length <= ORDERS_MAX) return;
    const unused = names.filter((name) => !used.has(name.slice(0, 64)));
    await Promise.all(unused.map((name) => rm(join(this.#orders, name), { force: true })));
  }
}
