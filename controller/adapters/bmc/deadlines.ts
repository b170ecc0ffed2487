/** How long one method waits at most (milliseconds). Management controllers are slow: an answer in seconds is a normal one. */
export interface BmcDeadlines {
  /** All that it reads. */
  readonly readMs: number;
  /** What acts, after everything was read that it needs. */
  readonly actMs: number;
  /** A whole inventory, one request for each item. */
  readonly inventoryMs: number;
}

export const defaultDeadlines: BmcDeadlines = { readMs: 30_000, actMs: 30_000, inventoryMs: 180_000 };
