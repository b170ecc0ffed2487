import { CommanderError } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { PlanDocument, RolloutDocument } from '../../proto/zdms/v1/documents.ts';

/** What `zdms` answers to the shell; docs/guides tell users the same. */
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
const BAD_INPUT = /^ZDMS_(BAD|CONFIG|FLEET|CHANGE|UNKNOWN|PLAN|HOSTS_FILE|NEEDS|NO_FILE|INIT|LIMITS_FILE)(_|$)/;

/** Safety, limits or another rollout say no. */
const REFUSED = /^ZDMS_(REFUSED|SAFETY|LIMIT|HALTED|HOST_KEY|ROLLOUT_RUNNING|HOST_BUSY|PROBE_FAILING)(_|$)/;

/** The exit code for a failed command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  if (!(error instanceof ZdmsError)) return exitCodes.error;
  if (BAD_INPUT.test(error.code)) return exitCodes.badInput;
  return REFUSED.test(error.code) ? exitCodes.refused : exitCodes.error;
}

/** The exit code for a rollout that `apply` or `watch` followed as far as it goes by itself. */
export function exitCodeOfRollout({ state }: Pick<RolloutDocument, 'state'>): number {
  switch (state) {
    case 'planned':
    case 'running':
    case 'aborting':
    case 'done-with-exceptions':
      return exitCodes.error;
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
