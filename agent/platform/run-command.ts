import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** How a command ended. `exitCode` is null when it was killed, could not be started, or was left running at its deadline. */
export type CommandResult = {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
};

export type CommandOptions = {
  readonly timeoutMs: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
};

/** The one way to other programs; injected, so that adapters are tested on recorded answers. */
export interface Commands {
  /** Collects the output; kills the command at the deadline. Never throws: a program that is missing has exitCode null. */
  run(argv: readonly string[], options: CommandOptions): Promise<CommandResult>;
  /**
   * Output goes straight into the log file, so that the command survives us (a closed pipe would leave dpkg half-way), and comes
   * back in `stdout` (at most its last MiB). At the deadline it is left running: a killed dpkg does more harm than a slow one.
   */
  runLogged(argv: readonly string[], options: CommandOptions & { readonly logPath: string }): Promise<CommandResult>;
}

/** Asked of query commands: longer output is cut off (bytes). */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const LOG_TAIL_BYTES_MAX = 1024 * 1024;

/** Nothing of the caller's environment but PATH reaches a command: sudo and sshd decide what is in it. */
function commandEnvironment(options: CommandOptions): Record<string, string> {
  const path = process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return { PATH: path, HOME: '/root', LC_ALL: 'C.UTF-8', ...options.environment };
}

function run(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      env: commandEnvironment(options),
      cwd: options.workingDirectory ?? '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let bytes = 0;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // A program that it started may hold the pipes open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.timeoutMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= OUTPUT_BYTES_MAX) output[name].push(chunk);
      });
    }
    function finish(exitCode: number | null, error: string): void {
      clearTimeout(timer);
      const stderr = Buffer.concat(output.stderr).toString('utf8') + error;
      resolve({ exitCode, stdout: Buffer.concat(output.stdout).toString('utf8'), stderr, timedOut });
    }
    child.once('error', (error) => finish(null, error.message));
    child.once('close', (code) => finish(code, ''));
  });
}

function readFrom(path: string, offset: number): string {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const start = Math.max(offset, size - LOG_TAIL_BYTES_MAX);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const read = readSync(file, buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}

function runLogged(
  argv: readonly string[],
  options: CommandOptions & { readonly logPath: string },
): Promise<CommandResult> {
  const [program = '', ...rest] = argv;
  const log = openSync(options.logPath, 'a', 0o600);
  const offset = fstatSync(log).size;
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      env: commandEnvironment(options),
      cwd: options.workingDirectory ?? '/',
      stdio: ['ignore', log, log],
      // Its own session: a signal to us is not a signal to dpkg.
      detached: true,
    });
    closeSync(log);
    function finish(exitCode: number | null, stderr: string, timedOut: boolean): void {
      clearTimeout(timer);
      resolve({ exitCode, stdout: readFrom(options.logPath, offset), stderr, timedOut });
    }
    const timer = setTimeout(() => {
      child.unref();
      finish(null, '', true);
    }, options.timeoutMs);
    child.once('error', (error) => finish(null, error.message, false));
    child.once('exit', (code) => finish(code, '', false));
  });
}

/** The real commands of this host. */
export const systemCommands: Commands = { run, runLogged };
