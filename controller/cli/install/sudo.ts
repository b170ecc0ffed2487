import type { ProgramResult } from './run-program.ts';
import type { Sudo } from './host-access.ts';
import type { RemoteCommand } from './remote-command.ts';

const LOOK_DEADLINE_MS = 30_000;

type Run = (argv: readonly string[], command: RemoteCommand) => Promise<ProgramResult>;

/**
 * Runs a program through sudo. The password goes before the program's own input, on stdin only, and only where sudo reads it: a sudo that
 * wants none would hand it on to the program.
 */
export async function runWithSudo(
  run: Run,
  { password }: Sudo,
  argv: readonly string[],
  command: RemoteCommand,
): Promise<ProgramResult> {
  if (password === null || (await needsNoPassword(run))) return run(['sudo', '-n', ...argv], command);
  // -k: what sudo remembers of an earlier password does not count, so that it reads this one in any case.
  const asked = ['sudo', '-k', '-S', '-p', '', '--', ...argv];
  return run(asked, { ...command, input: `${password}\n${command.input ?? ''}` });
}

async function needsNoPassword(run: Run): Promise<boolean> {
  const { exitCode } = await run(['sudo', '-k', '-n', 'true'], { deadlineMs: LOOK_DEADLINE_MS });
  return exitCode === 0;
}
