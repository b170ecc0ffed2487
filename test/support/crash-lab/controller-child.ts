import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectOperator, type OperatorClient } from '../../../controller/cli/operator-client.ts';
import type { LabReach } from '../../lab/proof/lab-back-end.ts';
import { until } from '../failing-rollout.ts';
import type { Instruction } from './interruptible-controller.ts';

const PROGRAM = join(import.meta.dirname, 'interruptible-controller.ts');
/** Generous: half a second on an idle machine. */
const START_DEADLINE_MS = 60_000;
const POLL_MS = 10;

/** How one of two controllers is reached. */
export interface Seat {
  /** controller.yaml */
  readonly config: string;
  readonly agentsPort: number;
  readonly socket: string;
  readonly log: string;
}

/** A controller as a process of its own, with its parent's hand on it. */
export class ControllerChild {
  readonly seat: Seat;
  readonly client: OperatorClient;
  readonly #child: ChildProcess;

  private constructor(seat: Seat, child: ChildProcess) {
    this.seat = seat;
    this.#child = child;
    this.client = connectOperator(seat.socket);
  }

  /** Starts one and waits until it answers operators. Throws Error with the end of its log when it does not. */
  static async start(seat: Seat, spawn: LabReach['spawn']): Promise<ControllerChild> {
    const log = openSync(seat.log, 'a');
    const argv = [process.execPath, PROGRAM, '--config', seat.config];
    // There will be many of them: the second one finds compiled what the first one compiled.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(dirname(seat.config), 'compiled') };
    const child = new ControllerChild(seat, spawn(argv, { stdio: ['ignore', log, log, 'ipc'], env }));
    closeSync(log);
    await until(
      () => `an answer of the controller:\n${child.lastWords()}`,
      () => child.#answers(),
      START_DEADLINE_MS,
    );
    return child;
  }

  async #answers(): Promise<boolean> {
    if (this.hasEnded) throw new Error(`the controller has ended:\n${this.lastWords()}`);
    return this.client.listHosts().then(
      () => true,
      () => false,
    );
  }

  lastWords(): string {
    return readFileSync(this.seat.log, 'utf8').slice(-2000);
  }

  get hasEnded(): boolean {
    return this.end !== null;
  }

  /** The signal that ended it, or its exit code; null while it runs. */
  get end(): NodeJS.Signals | number | null {
    return this.#child.signalCode ?? this.#child.exitCode;
  }

  /** Did it get SIGSTOP? */
  get standsStill(): boolean {
    if (this.hasEnded) return false;
    const status = readFileSync(`/proc/${this.#child.pid ?? 0}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).startsWith('T');
  }

  tell(instruction: Instruction): void {
    this.#child.send(instruction);
  }

  /** Tells it something and waits for its list of what it has crossed. */
  async ask(kind: 'begin' | 'list'): Promise<readonly string[]> {
    const answered = once(this.#child, 'message') as Promise<[readonly string[]]>;
    this.tell({ kind });
    return (await answered)[0];
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }

  /** Resolves once the process is gone; kills it after `withinMs`, and then returns false. */
  async ended(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!this.hasEnded && performance.now() < deadline) await sleep(POLL_MS);
    const byItself = this.hasEnded;
    if (!byItself) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    this.client.close();
    return byItself;
  }

  /** SIGTERM, and SIGKILL when that does not help. */
  async stop(withinMs = 10_000): Promise<void> {
    if (!this.hasEnded) this.#child.kill('SIGTERM');
    await this.ended(withinMs);
  }
}
