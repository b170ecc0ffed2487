import { StepFailure } from '../step-failure.ts';
import { isErrorCode } from '../../../lib/is-error-code.ts';

/** What a failed write is to the step: room is the one cause that has a code of its own. */
export function writeFailure(what: string, error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  const isFull = isErrorCode(error, 'ENOSPC') || isErrorCode(error, 'EDQUOT');
  const problem = error instanceof Error ? error.message : String(error);
  const next = isFull ? 'make room there, then retry' : 'see how its directory is mounted and protected, then retry';
  return new StepFailure(isFull ? 'disk-full' : 'file-refused', `${what}: ${problem}. Next: ${next}`);
}
