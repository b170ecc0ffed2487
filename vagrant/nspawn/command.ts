import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ZdmsError } from '../../lib/zdms-error.ts';

/** How a command ended. A command that a signal ended has code 128 + the signal's number, as in a shell. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string | Buffer;
  /** After this the command gets SIGKILL and ZDMS_LAB_TIMEOUT is thrown. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each line of stderr as it comes. */
  readonly onErrorLine?: (line: string) => void;
  /** The same of stdout. */
  readonly onOutputLine?: (line: string) => void;
}

export const DEFAULT_TIMEOUT_MS = 60_000;
const SIGKILL_CODE = 137;
const ERROR_TAIL_LINES = 15;

/** Runs argv to its end and returns code and output, whatever the code. Throws ZDMS_LAB_TIMEOUT, ZDMS_LAB_COMMAND_MISSING, or the signal's reason. */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const [file = '', ...rest] = argv;
  const environment = { ...process.env, ...options.environment };
  const child = spawn(file, rest, {
    stdio: 'pipe',
    env: environment,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const timeout = AbortSignal.timeout(timeoutMs);
  timeout.addEventListener('abort', () => child.kill('SIGKILL'));
  const abort = (): void => void child.kill('SIGTERM');
  options.signal?.addEventListener('abort', abort);
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  if (options.onErrorLine) createInterface(child.stderr).on('line', options.onErrorLine);
  if (options.onOutputLine) createInterface(child.stdout).on('line', options.onOutputLine);
  // A command that does not read its input closes it early; its exit code tells the rest.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => {
        resolve(exit ?? SIGKILL_CODE);
      });
    });
    options.signal?.throwIfAborted();
    if (timeout.aborted)
      throw new ZdmsError(
        'ZDMS_LAB_TIMEOUT',
        `${argv.join(' ')} did not end within ${String(timeoutMs)} ms`,
        'try again; is the machine overloaded?',
      );
    return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(errors).toString() };
  } catch (error) {
    throw isMissingFile(error) ? missingCommand(file) : error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

/** Like runCommand, but a code other than 0 throws ZDMS_LAB_COMMAND_FAILED with the end of what the command said. Returns stdout. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(argv, options);
  if (result.code === 0) return result.stdout;
  const tail = (result.stderr || result.stdout).trim().split('\n').slice(-ERROR_TAIL_LINES).join('\n');
  throw new ZdmsError(
    'ZDMS_LAB_COMMAND_FAILED',
    `${argv.join(' ')} ended with ${String(result.code)}:\n${tail}`,
    'see the lines above',
  );
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function missingCommand(file: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_LAB_COMMAND_MISSING',
    `this machine has no ${file}`,
    './scripts/lab up installs what the lab needs',
  );
}
