import { spawnSync } from 'node:child_process';
import type { Context } from 'mocha';
import { skipBecause } from './skip-because.ts';

/** Skips the running test, or from inside `before` its suite, where the program is not installed. */
export function needsProgram(context: Context, program: string): void {
  if (spawnSync(program, ['--version']).error !== undefined) skipBecause(context, `${program} is not installed here`);
}
