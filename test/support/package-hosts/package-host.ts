import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PackageState } from '../../../agent/platform/packages/packages.ts';
import type { CommandResult } from '../../../agent/platform/run-command.ts';
import type { FailureCode } from '../../../agent/executor/codes.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';
import type { ExactPackage } from '../../../proto/zdms/v1/executor.ts';
import { mustRun } from '../../../vagrant/nspawn/command.ts';

export type Manager = 'apt' | 'dnf' | 'zypper';

export const archives = '/var/lib/zdms-archives';
const PROJECT = join(import.meta.dirname, '../../..');
const NODE = join(dirname(process.execPath), '..');

function enter(from: string, to: string, command: readonly string[]): string[] {
  const script = join(import.meta.dirname, 'enter-host.sh');
  return ['unshare', '--mount', '--pid', '--fork', '--kill-child', script, from, to, PROJECT, NODE, ...command];
}

/** Makes what each scratch host of this manager begins with, as a tar file. */
export async function prepareHost(manager: Manager, url: string, handed: string, to: string): Promise<void> {
  const script = join(import.meta.dirname, manager === 'apt' ? 'prepare-apt.sh' : 'prepare-rpm.sh');
  const more = manager === 'apt' ? [] : [manager];
  await mustRun(enter('', to, [script, ...more, url, handed]), { timeoutMs: 120_000 });
}

/** A scratch host with the adapter under test on it. Its packages are real, and gone with it. */
export class PackageHost {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(manager: Manager, from: string) {
    const [file = '', ...rest] = enter(from, '', [
      process.execPath,
      join(import.meta.dirname, 'subject.ts'),
      manager,
      archives,
    ]);
    this.#child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('no pipe to the host');
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async #call<T>(call: Readonly<Record<string, unknown>>): Promise<T> {
    this.#child.stdin?.write(`${JSON.stringify(call)}\n`);
    const line: IteratorResult<string, undefined> = await this.#lines.next();
    const reply = JSON.parse(line.value ?? '{"message":"the host has ended"}') as Partial<{
      value: T;
      code: FailureCode | null;
      message: string;
    }>;
    if (typeof reply.code === 'string') throw new StepFailure(reply.code, reply.message ?? '');
    if (reply.message !== undefined) throw new Error(reply.message);
    return reply.value as T;
  }

  installed(names: readonly string[]): Promise<Record<string, string | null>> {
    return this.#call({ method: 'installed', names });
  }
  audit(): Promise<readonly string[]> {
    return this.#call({ method: 'audit' });
  }
  survey(refresh: boolean): Promise<readonly PackageState[]> {
    return this.#call({ method: 'survey', refresh });
  }
  proveInstalled(targets: readonly ExactPackage[]): Promise<void> {
    return this.#call({ method: 'proveInstalled', targets });
  }
  /** Returns the remarks. */
  preflight(targets: readonly ExactPackage[]): Promise<readonly string[]> {
    return this.#call({ method: 'preflight', targets });
  }
  fetch(targets: readonly ExactPackage[], wayBack: readonly ExactPackage[]): Promise<readonly ExactPackage[]> {
    return this.#call({ method: 'fetch', targets, wayBack });
  }
  /** Returns the remarks. */
  install(targets: readonly ExactPackage[]): Promise<readonly string[]> {
    return this.#call({ method: 'install', targets });
  }
  run(argv: readonly string[]): Promise<CommandResult> {
    return this.#call({ method: 'run', argv });
  }
  /** Another program that holds this lock file. */
  hold(path: string): Promise<void> {
    return this.#call({ method: 'hold', path });
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}
