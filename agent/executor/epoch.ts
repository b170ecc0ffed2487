import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDurably } from './durable-file.ts';

/**
 * The highest epoch that any verified request carried. One file for each epoch in a directory of their own: several executor sessions
 * run at once, and with a single file the slower of two writers could put back a lower number.
 */
export class Epoch {
  readonly #directory: string;
  /** Known to be on disk by this process. */
  #durable = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The highest epoch seen by any session; 0 before the first. */
  async seen(): Promise<number> {
    return Math.max(0, ...(await this.#all()));
  }

  /**
   * Records the epoch, on disk before it returns, and forgets lower ones.
   * Returns null when the epoch may act, else the higher epoch that was seen.
   */
  async admit(epoch: number): Promise<number | null> {
    const before = await this.seen();
    if (before > epoch) return before;
    if (this.#durable !== epoch) await this.#record(epoch);
    const after = await this.seen();
    return after > epoch ? after : null;
  }

  async #record(epoch: number): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await createDurably(join(this.#directory, String(epoch)), '');
    this.#durable = epoch;
    const lower = (await this.#all()).filter((one) => one < epoch);
    await Promise.all(lower.map((one) => rm(join(this.#directory, String(one)), { force: true })));
  }

  async #all(): Promise<number[]> {
    // Only "not there yet" means none: with any other failure a superseded controller would be believed.
    const names = await readdir(this.#directory).catch((error: unknown): string[] => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => /^\d+$/.test(name)).map(Number);
  }
}
