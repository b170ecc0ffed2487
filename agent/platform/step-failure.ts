import type { FailureCode } from '../executor/codes.ts';

/** The world's failure of a step: thrown anywhere in the work, made into the step's outcome in one place (`run-step.ts`). */
export class StepFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string) {
    super(message);
    this.name = 'StepFailure';
    this.code = code;
  }
}
