import { open } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import type { CommandResult, Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';

/** Where this host says how its etcd is reached. Injected: tests have a file of their own. */
export type EtcdPaths = {
  /** Lines of `ETCDCTL_NAME=value`, root's own (0600: it may hold a password). May be missing: then etcd listens on loopback without TLS. */
  readonly settings: string;
};

export const defaultEtcdPaths: EtcdPaths = { settings: '/etc/zdms/etcdctl.env' };

const DEFAULT_ENDPOINT = 'http://127.0.0.1:2379';
/** etcdctl ends by itself at the deadline that it is given; this is for one that does not. */
const KILL_AFTER_MS = 150;
/** Group and others may not write what root's programs are told. */
const WRITABLE_BY_OTHERS = 0o022;

/** Only etcdctl's own variables: the file must not become a way to run something else as root. */
const settingsSchema = z.record(z.string().regex(/^ETCDCTL_[A-Z_]+$/), z.string());
type Settings = z.infer<typeof settingsSchema>;

/** Given as options here, and etcdctl refuses to start where an option and its variable are both there. */
const OURS = ['ETCDCTL_COMMAND_TIMEOUT', 'ETCDCTL_DIAL_TIMEOUT', 'ETCDCTL_WRITE_OUT'];

async function readOwnFile(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new StepFailure('quorum-unreachable', `${path}: ${String(error)}`);
  });
  if (file === null) return null;
  try {
    const { uid, mode } = await file.stat();
    if (uid === process.getuid?.() && (mode & WRITABLE_BY_OTHERS) === 0) return await file.readFile('utf8');
    throw new StepFailure(
      'quorum-unreachable',
      `${path} must belong to root and be writable by nobody else: chmod 600`,
    );
  } finally {
    await file.close();
  }
}

async function readSettings(path: string): Promise<Settings> {
  const text = await readOwnFile(path);
  const parsed = settingsSchema.safeParse(parseEnv(text ?? ''));
  // The names alone: a value may be a password.
  if (!parsed.success)
    throw new StepFailure('quorum-unreachable', `${path}: only lines of ETCDCTL_NAME=value are read`);
  return Object.fromEntries(Object.entries(parsed.data).filter(([name]) => !OURS.includes(name)));
}

/** etcdctl with the settings of this host: through variables, never options, so that no credential shows in a list of processes. */
export class Etcdctl {
  readonly #commands: Commands;
  readonly #settings: Settings;

  private constructor(commands: Commands, settings: Settings) {
    this.#commands = commands;
    this.#settings = settings;
  }

  /** Reads the settings afresh, so that a changed password needs no restart. Throws StepFailure `quorum-unreachable`. */
  static async open(commands: Commands, paths: EtcdPaths): Promise<Etcdctl> {
    return new Etcdctl(commands, await readSettings(paths.settings));
  }

  /**
   * Runs one command against the host's own endpoint, or against `endpoints`, one after another and each for at most `eachMs`.
   * Never throws: a failure is in the result.
   */
  run(command: readonly string[], eachMs: number, endpoints: readonly string[] = []): Promise<CommandResult> {
    const timeout = `${Math.max(1, Math.round(eachMs))}ms`;
    const options = [`--command-timeout=${timeout}`, `--dial-timeout=${timeout}`, '--write-out=json'];
    const own = { ETCDCTL_ENDPOINTS: DEFAULT_ENDPOINT, ...this.#settings, ETCDCTL_API: '3' };
    return this.#commands.run(['etcdctl', ...command, ...options], {
      timeoutMs: eachMs * Math.max(1, endpoints.length) + KILL_AFTER_MS,
      environment: endpoints.length === 0 ? own : { ...own, ETCDCTL_ENDPOINTS: endpoints.join(',') },
    });
  }
}

/** etcdctl's complaint for people: its last line is the sentence, what is before it is the log of its gRPC client. */
export function complaintOf(result: CommandResult): string {
  const lines = result.stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? (result.timedOut ? 'no answer in time' : `exit code ${result.exitCode}`))
    .trim()
    .slice(0, 1000);
}
