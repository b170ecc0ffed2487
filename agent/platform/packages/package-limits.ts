/** What a package manager's adapter allows for on any host. */
export type PackageLimits = {
  /** Left free on every file system that is touched. */
  readonly freeMarginBytes: number;
  /** How long preflight waits for a usual run of another package manager; the lists have to be had within the step's two minutes too. */
  readonly lockWaitMs: number;
  /** How long a download stays that is neither installed nor in the current order. */
  readonly keepDownloadsMs: number;
};

export const defaultPackageLimits: PackageLimits = {
  freeMarginBytes: 200e6,
  lockWaitMs: 45_000,
  keepDownloadsMs: 30 * 24 * 3_600_000,
};
