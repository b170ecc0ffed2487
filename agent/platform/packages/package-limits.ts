/** What a package manager's adapter allows for on any host. */
export type PackageLimits = {
  /** Left free on every file system that is touched. */
  readonly freeMarginBytes: number;
  /** How long preflight waits for another package manager before it says who is in the way. */
  readonly lockWaitMs: number;
};

export const defaultPackageLimits: PackageLimits = { freeMarginBytes: 200e6, lockWaitMs: 30_000 };
