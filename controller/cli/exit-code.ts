import { CommanderError } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../proto/zdms/v1/plan-document.ts';

/** What `zdms` answers to the shell; docs/how-to.md tells users the same. */
export const exitCodes = {
  done: 0,
  error: 1,
  badInput: 2,
  waitsForPerson: 3,
  refused: 4,
  aborted: 5,
  nothingToDo: 6,
  /** 128 + SIGINT, as shells have it: the person stopped watching, the rollout goes on. */
  interrupted: 130,
} as const;

/** The input is wrong: asking again without a change to it gives the same answer. */
const BAD_INPUT: ReadonlySet<string> = new Set([
  'ZDMS_AGENT_PACKAGE_INVALID',
  'ZDMS_CONFIG_INVALID',
  'ZDMS_CVE_INVALID',
  'ZDMS_FILE_UNREADABLE',
  'ZDMS_FLEET_NAME_INVALID',
  'ZDMS_HOSTS_FILE_INVALID',
  'ZDMS_HOST_INVALID',
  'ZDMS_HOST_UNKNOWN',
  'ZDMS_IDENTITY_EXISTS',
  'ZDMS_INIT_EXISTS',
  'ZDMS_INVENTORY_INVALID',
  'ZDMS_LABEL_INVALID',
  'ZDMS_LOSE_INVALID',
  'ZDMS_LOSE_NOBODY',
  'ZDMS_NEEDS_YES',
  'ZDMS_NOT_QUARANTINED',
  'ZDMS_OPTION_INVALID',
  'ZDMS_PLAN_IMPOSSIBLE',
  'ZDMS_PLAN_NAME_INVALID',
  'ZDMS_PLAN_UNKNOWN',
  'ZDMS_REASON_NEEDED',
  'ZDMS_ROLLOUT_AMBIGUOUS',
  'ZDMS_ROLLOUT_UNKNOWN',
  'ZDMS_VERSION_NAME_INVALID',
]);

/** Safety, limits or another rollout say no: the same may be right later. */
const REFUSED: ReadonlySet<string> = new Set([
  'ZDMS_CONFIRM_COUNT',
  'ZDMS_HOST_STATE',
  'ZDMS_LIMITS_REFUSED',
  'ZDMS_PLAN_STALE',
  'ZDMS_ROLLOUTS_TOO_MANY',
  'ZDMS_ROLLOUT_RUNNING',
  'ZDMS_ROLLOUT_STATE',
  'ZDMS_SERVICE_FAILING',
  'ZDMS_VERSION_QUARANTINED',
]);

/** The exit code for a failed command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  if (!(error instanceof ZdmsError)) return exitCodes.error;
  if (BAD_INPUT.has(error.code)) return exitCodes.badInput;
  return REFUSED.has(error.code) ? exitCodes.refused : exitCodes.error;
}

/** The exit code for a rollout that `apply` or `watch` followed as far as it goes by itself. */
export function exitCodeOfRollout({ state }: Pick<RolloutDocument, 'state'>): number {
  switch (state) {
    case 'done-with-exceptions':
      return exitCodes.error;
    // It goes no further by itself: a host is held.
    case 'planned':
    case 'running':
    case 'aborting':
    case 'paused':
    case 'stopped':
      return exitCodes.waitsForPerson;
    case 'aborted':
      return exitCodes.aborted;
    case 'done':
      return exitCodes.done;
  }
}

/** With `--detailed-exitcode` an empty plan is told apart. */
export function exitCodeOfPlan({ hosts }: Pick<PlanDocument, 'hosts'>, detailed: boolean): number {
  return hosts === 0 && detailed ? exitCodes.nothingToDo : exitCodes.done;
}
