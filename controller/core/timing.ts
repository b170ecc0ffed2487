/** Every wait of a rollout in one table. Shorter in a lab by configuration. */
export interface Timing {
  /** An agent's beat, and while its host holds a slot. */
  readonly beatMs: number;
  readonly beatWhileOutMs: number;
  /** A report older than this says nothing: three beats may be lost. */
  readonly reportStaleMs: number;
  /** Balancers are read this often during a rollout, and a reading counts this long. */
  readonly poolReadEveryMs: number;
  readonly poolStaleMs: number;
  /** Every member of a quorum group is asked this often during a rollout, and its word counts this long. */
  readonly quorumReadEveryMs: number;
  readonly quorumStaleMs: number;
  /** The controller's own checks of hosts that are not out, and its asking over SSH where an agent is silent. */
  readonly ownLookEveryMs: number;
  /** N checks in a row, this far apart: one good answer may be luck. */
  readonly checksInRow: number;
  readonly checkEveryMs: number;
  /** Prepared hosts that wait for a slot, as a multiple of the hosts that may be out: more would only age. */
  readonly prepareAheadFactor: number;
  /** A request that must be answered at once gets this long; so does the last word of a step that was late. */
  readonly answerWithinMs: number;
  /** Attempts of a step that costs no capacity or undoes itself, before a person is asked. */
  readonly attemptsMax: number;
  /** Back-off between attempts: doubles from the first to the last. */
  readonly retryFirstMs: number;
  readonly retryLastMs: number;
  readonly preflightDeadlineMs: number;
  readonly fetchDeadlineMs: number;
  readonly switchoverDeadlineMs: number;
  readonly drainDeadlineMs: number;
  readonly applyDeadlineMs: number;
  /** All that a management controller writes for one host. */
  readonly firmwareDeadlineMs: number;
  readonly rebootDeadlineMs: number;
  readonly verifyDeadlineMs: number;
  readonly undrainDeadlineMs: number;
  readonly settleDeadlineMs: number;
  /** Before a rollout starts, its probes are sent for this long; one failure refuses the start. */
  readonly probeTrialMs: number;
  /** A user waits this long for an answer. */
  readonly probeDeadlineMs: number;
  /** An order is void this long after it was signed at the latest; while its rollout is open it is signed anew. */
  readonly orderValidityMs: number;
}

const second = 1000;
const minute = 60 * second;

export const defaultTiming: Timing = {
  beatMs: 10 * second,
  beatWhileOutMs: second,
  reportStaleMs: 30 * second,
  poolReadEveryMs: second,
  poolStaleMs: 5 * second,
  quorumReadEveryMs: 2 * second,
  quorumStaleMs: 5 * second,
  ownLookEveryMs: 5 * second,
  checksInRow: 3,
  checkEveryMs: second,
  prepareAheadFactor: 2,
  answerWithinMs: 10 * second,
  attemptsMax: 3,
  retryFirstMs: second,
  retryLastMs: 30 * second,
  preflightDeadlineMs: 2 * minute,
  fetchDeadlineMs: 30 * minute,
  switchoverDeadlineMs: minute,
  drainDeadlineMs: 5 * minute,
  applyDeadlineMs: 30 * minute,
  firmwareDeadlineMs: 60 * minute,
  // For a model of which little is known; see `planning/reboot-deadline.ts`.
  rebootDeadlineMs: 10 * minute,
  verifyDeadlineMs: 5 * minute,
  undrainDeadlineMs: 2 * minute,
  settleDeadlineMs: minute,
  probeTrialMs: 2 * second,
  probeDeadlineMs: 5 * second,
  orderValidityMs: 7 * 24 * 60 * minute,
};
