import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { replaceDurably } from '../../executor/durable-file.ts';
import { syncDirectory } from '../../../lib/sync-directory.ts';
import { isErrorCode } from '../../../lib/is-error-code.ts';
import { StepFailure } from '../step-failure.ts';

const writeRecord = z.strictObject({
  v: z.literal(1),
  device: z.string(),
  plan: z.string(),
  from: z.string(),
  version: z.string(),
  /** UTC ms. */
  begunAt: z.int(),
  /** Null: it is being written, or nobody knows how that ended. */
  result: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('written') }),
      z.strictObject({ kind: z.literal('failed'), message: z.string() }),
    ])
    .nullable(),
});
/** The last write of firmware to a device. */
export type WriteRecord = z.infer<typeof writeRecord>;

const PRIVATE_DIRECTORY = 0o700;

/** The last write of each device, on disk before it began: a file for each, under the device's id. */
export class WriteRecords {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  pathOf(device: string): string {
    return join(this.#directory, `${device}.json`);
  }

  /** Null: none was ever begun. Throws `firmware-unknown` where it is damaged: nobody may guess what was written. */
  async read(device: string): Promise<WriteRecord | null> {
    try {
      return writeRecord.parse(JSON.parse(await readFile(this.pathOf(device), 'utf8')));
    } catch (error) {
      if (isErrorCode(error, 'ENOENT')) return null;
      throw new StepFailure('firmware-unknown', `${this.pathOf(device)}: ${String(error)}`);
    }
  }

  /** On disk before it returns. */
  async write(record: WriteRecord): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: PRIVATE_DIRECTORY });
    // A directory that a power cut takes away takes the record with it.
    await syncDirectory(dirname(this.#directory));
    await replaceDurably(this.pathOf(record.device), JSON.stringify(record));
  }
}
