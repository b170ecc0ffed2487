/** An error that a person reads: a stable code, what went wrong, and what to do next. Codes are listed in docs/reference/errors.md. */
export class ZdmsError extends Error {
  readonly code: string;
  readonly next: string | null;

  constructor(code: string, message: string, next: string | null = null) {
    super(message);
    this.name = 'ZdmsError';
    this.code = code;
    this.next = next;
  }
}
