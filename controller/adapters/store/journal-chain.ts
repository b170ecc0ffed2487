import { createHash } from 'node:crypto';

/** What the first event of a rollout follows. */
export const chainStart = '0'.repeat(64);

/** One event as it is on disk. `seq` counts from 1 within its rollout; `body` is the exact text, so nothing has to be canonical. */
export interface JournalRow {
  readonly rollout: string;
  readonly seq: number;
  readonly body: string;
  readonly hash: string;
}

/** SHA-256, hex, over the hash before and the row: whoever edits a row has to rewrite all that follow. */
export function chainHash(previous: string, { rollout, seq, body }: Omit<JournalRow, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([previous, rollout, seq, body]))
    .digest('hex');
}

/**
 * The first sequence number that does not fit, or null when the journal is sound. `head` and `count` come from elsewhere than the
 * rows, so that a journal whose end was cut off is found too.
 */
export function firstBroken(rows: readonly JournalRow[], head: string, count: number): number | null {
  let previous = chainStart;
  for (const [index, row] of rows.entries()) {
    if (row.seq !== index + 1 || row.hash !== chainHash(previous, row)) return index + 1;
    previous = row.hash;
  }
  return previous === head && rows.length === count ? null : rows.length + 1;
}
