/** Time as the controller sees it. Injected everywhere, so that the production controller runs in a simulator. */
export interface Clock {
  /** UTC, ms. May step when a person sets the clock; use it for what is written down. */
  now(): number;
  /** Never goes back; ms since an arbitrary start. Use it for durations and deadlines within one process. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
