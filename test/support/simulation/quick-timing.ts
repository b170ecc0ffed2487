import { defaultTiming, type Timing } from '../../../controller/core/timing.ts';

/** The same waits in the same proportions, shorter: thousands of rollouts fit into a test. */
export const quickTiming: Timing = {
  ...defaultTiming,
  beatMs: 5000,
  reportStaleMs: 15_000,
  checksInRow: 2,
  checkEveryMs: 500,
  retryFirstMs: 500,
  retryLastMs: 4000,
  preflightDeadlineMs: 10_000,
  fetchDeadlineMs: 15_000,
  drainDeadlineMs: 10_000,
  applyDeadlineMs: 15_000,
  rebootDeadlineMs: 20_000,
  verifyDeadlineMs: 15_000,
  undrainDeadlineMs: 10_000,
  settleDeadlineMs: 15_000,
};
