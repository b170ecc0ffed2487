/** What one check of `zdms doctor` found. */
export interface Finding {
  readonly check: string;
  /** `unknown`: it could not be checked here, and `text` says why. */
  readonly state: FindingState;
  readonly text: string;
  /** What a person does next; null: nothing. */
  readonly next: string | null;
}

export type FindingState = 'ok' | 'warning' | 'wrong' | 'unknown';

export function ok(check: string, text: string): Finding {
  return { check, state: 'ok', text, next: null };
}

export function warning(check: string, text: string, next: string): Finding {
  return { check, state: 'warning', text, next };
}

export function wrong(check: string, text: string, next: string): Finding {
  return { check, state: 'wrong', text, next };
}

export function unknown(check: string, text: string, next: string): Finding {
  return { check, state: 'unknown', text, next };
}

/** What keeps a person who is not root from looking into a file. */
export function unreadable(check: string, error: unknown): Finding {
  const { code = '', path = '' } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM')
    return unknown(check, `${path} may not be read by you`, 'Run it as root, or as the user of the controller.');
  if (code === 'ENOENT')
    return wrong(
      check,
      `${path} is not there`,
      'Make a new controller with `zdms init`, or bring it back from a backup.',
    );
  return unknown(check, error instanceof Error ? error.message : String(error), 'Look at that path.');
}
