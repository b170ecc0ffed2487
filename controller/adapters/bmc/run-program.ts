import { spawn } from 'node:child_process';

/** One answer is some hundred bytes; a program that says more than this is not read on (characters, for each of its outputs). */
const outputMax = 65_536;

/** How a program ended. */
export type ProgramResult =
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'not-started'; readonly detail: string }
  | { readonly kind: 'too-slow' };

/** Runs one that speaks to a machine's power for us, and kills it at the deadline. Never throws. It gets nothing of our environment but PATH, and speaks English. */
export function runProgram(program: string, words: readonly string[], deadlineMs: number): Promise<ProgramResult> {
  const { promise, resolve } = Promise.withResolvers<ProgramResult>();
  const child = spawn(program, words, {
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(deadlineMs),
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] = (output[name] + text).slice(0, outputMax);
    });
  }
  child.once('error', (error) => {
    resolve(
      error.name === 'AbortError' ? { kind: 'too-slow' } : { kind: 'not-started', detail: startError(program, error) },
    );
  });
  child.once('close', (exitCode) => resolve({ kind: 'ended', exitCode, ...output }));
  return promise;
}

function startError(program: string, error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT'
    ? `${program} is not installed here`
    : `${program} could not be started: ${error.message}`;
}
