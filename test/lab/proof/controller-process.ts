import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperatorClient } from '../../../controller/cli/operator-client.ts';
import type { LabReach } from './lab-back-end.ts';

const LAUNCHER = join(import.meta.dirname, '../../../bin/zdms-controller.js');
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;
const POLL_MS = 50;

export interface ControllerFiles {
  /** controller.yaml */
  readonly config: string;
  /** Output is appended. */
  readonly log: string;
}

/** The controller as a process that can be ended, killed and started again. */
export class ControllerProcess {
  readonly #files: ControllerFiles;
  readonly #client: OperatorClient;
  readonly #spawn: LabReach['spawn'];
  #child: ChildProcess | null = null;
  #kills = 0;

  /** @param client asks the same controller; only to see when it is there. */
  constructor(files: ControllerFiles, client: OperatorClient, spawn: LabReach['spawn']) {
    this.#files = files;
    this.#client = client;
    this.#spawn = spawn;
  }

  /** How often `kill` was called. */
  get kills(): number {
    return this.#kills;
  }

  /** Starts it and waits until it answers operators. Throws Error when it ends or does not answer in time. */
  async start(): Promise<void> {
    const log = openSync(this.#files.log, 'a');
    // A group of its own: Ctrl-C is for whoever started the lab, who ends the controller in order.
    this.#child = this.#spawn([process.execPath, LAUNCHER, '--config', this.#files.config], {
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await this.#answers())) {
      if (this.#child.exitCode !== null || Date.now() > deadline)
        throw new Error(`the controller does not answer; its log is ${this.#files.log}`);
      await sleep(POLL_MS);
    }
  }

  async #answers(): Promise<boolean> {
    return this.#client.listHosts().then(
      () => true,
      () => false,
    );
  }

  /** SIGKILL: no last words, no clean-up. */
  async kill(): Promise<void> {
    this.#kills += 1;
    await this.#end('SIGKILL');
  }

  /** SIGTERM, and SIGKILL when that does not help. */
  async stop(): Promise<void> {
    const child = this.#child;
    const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_DEADLINE_MS);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  /** Lets it live when this process ends. */
  leave(): void {
    this.#child?.unref();
    this.#child = null;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
