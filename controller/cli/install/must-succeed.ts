import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { ProgramResult } from './run-program.ts';

/** The result of a program on a host that ended well; else throws ZdmsError `code` with what it said, or ZDMS_SUDO_NEEDED. */
export function mustSucceed(result: ProgramResult, code: string, what: string, next: string): ProgramResult {
  if (result.exitCode === 0) return result;
  if (/sudo:.*(password is required|no password was provided|incorrect password)/.test(result.stderr)) {
    throw needsSudo(
      result.stderr.includes('required') ? 'sudo asks for a password there' : 'sudo refuses the password',
    );
  }
  throw new ZdmsError(code, `${what}: ${lastLines(result)}`, next);
}

/** What a program said last is what it failed of. */
function lastLines({ stdout, stderr }: ProgramResult): string {
  const text = stderr.trim() === '' ? stdout : stderr;
  return text.trim().split('\n').slice(-3).join(' / ') || 'it said nothing';
}

function needsSudo(what: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_SUDO_NEEDED',
    what,
    'Say --ask-sudo-password, log in as root, or let this user run sudo without a password meanwhile.',
  );
}
