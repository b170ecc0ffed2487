import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZdmsError } from '../../../lib/zdms-error.ts';

/** What is kept of a program's output: the inventory of some ten thousand hosts. */
const OUTPUT_CHARACTERS = 32 * 1024 * 1024;

/** After SIGTERM. */
const KILL_GRACE_MS = 2_000;

export interface ProgramOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Nothing where both are left out. */
  readonly input?: string;
  readonly inputFile?: string;
}

export interface ProgramResult {
  /** Null: ended by a signal, which is the deadline or Ctrl-C. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a local program to its end. Throws ZdmsError ZDMS_PROGRAM_MISSING, ZDMS_INTERRUPTED or ZDMS_PROGRAM_SLOW. */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const [program = '', ...rest] = argv;
  if (options.signal.aborted) throw interrupted();
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  let cutShort: ZdmsError | null = null as ZdmsError | null;
  function cut(error: ZdmsError): void {
    cutShort ??= error;
    end(child);
  }
  const timer = setTimeout(() => cut(tooSlow(program, options.deadlineMs)), options.deadlineMs);
  const leave = () => cut(interrupted());
  options.signal.addEventListener('abort', leave, { once: true });
  try {
    const [result] = await Promise.all([collect(child, program), feed(child, options)]);
    if (cutShort !== null) throw cutShort;
    return result;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', leave);
  }
}

function collect(child: ChildProcess, program: string): Promise<ProgramResult> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] = (output[name] + text).slice(-OUTPUT_CHARACTERS);
    });
  }
  return new Promise((done, failed) => {
    child.once('error', (error: NodeJS.ErrnoException) => failed(error.code === 'ENOENT' ? missing(program) : error));
    child.once('close', (exitCode) => done({ exitCode, ...output }));
  });
}

/** A program that ends before it has read its input says why by its exit code. */
async function feed({ stdin }: ChildProcess, { input = '', inputFile }: ProgramOptions): Promise<void> {
  if (stdin === null) return;
  if (inputFile !== undefined) {
    await pipeline(createReadStream(inputFile), stdin).catch(() => undefined);
    return;
  }
  stdin.on('error', () => undefined);
  stdin.end(input);
}

function end(child: ChildProcess): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

function missing(program: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_PROGRAM_MISSING',
    `${program} is not installed here`,
    program.startsWith('ssh') ? 'Install the OpenSSH client.' : `Install ${program}, or run it where it is.`,
  );
}

function interrupted(): ZdmsError {
  return new ZdmsError('ZDMS_INTERRUPTED', 'interrupted', 'Run the same command again: it takes up where it stands.');
}

function tooSlow(program: string, deadlineMs: number): ZdmsError {
  return new ZdmsError(
    'ZDMS_PROGRAM_SLOW',
    `${program} did not end within ${deadlineMs / 1000} s`,
    'Check the network and the host, then run the same command again.',
  );
}
