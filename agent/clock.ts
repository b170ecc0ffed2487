/** Ends something that was arranged; calling it twice does no harm. */
export type Cancel = () => void;

/** Time as the daemon sees it; injected, so that tests decide when it passes. */
export interface Clock {
  /** UTC ms; it may jump, so it is only for telling others and for certificates. */
  now(): number;
  /** Ms that only grow, for measuring spans. */
  monotonicMs(): number;
  /** Calls `action` once, after `delayMs` at the earliest. */
  after(delayMs: number, action: () => void): Cancel;
}

/** setTimeout takes no more than this (24.8 days); longer waits are cut, so whoever waits must look at the time again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** This machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, Math.min(delayMs, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};
