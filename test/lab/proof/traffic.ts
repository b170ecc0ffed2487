import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { labSpawn } from '../../../vagrant/nspawn/lab.ts';
import type { Topology } from '../../../vagrant/topology.ts';
import { readLoad, summariseLoad, type LoadSummary } from './load-summary.ts';
import type { LoadConfig, LoadProgress } from './load.ts';
import { observe, readReadings, type Observation } from './observation.ts';
import type { ObserverConfig } from './observer.ts';

/** What user traffic and the balancers' own word showed, from start to stop. */
export interface Traffic {
  readonly load: LoadSummary;
  readonly observation: Observation;
}

export interface TrafficOptions {
  readonly topology: Topology;
  readonly ratePerSecond: number;
  /** Directory for what the two processes write. */
  readonly directory: string;
}

const DEADLINE_MS = 5_000;
const OBSERVE_EVERY_MS = 100;
/** A request may take its whole deadline, and the two cores of a lab may be busy. */
const STOP_DEADLINE_MS = 20_000;
const START_DEADLINE_MS = 15_000;
const LOAD = join(import.meta.dirname, 'load.ts');
const OBSERVER = join(import.meta.dirname, 'observer.ts');

/**
 * The load and the observer at work, each a process of its own in the lab's network that knows the balancers and nothing else.
 * Whoever starts it has to stop it; when this process dies, both end by themselves.
 */
class TrafficRun {
  readonly #options: TrafficOptions;
  readonly #load: ChildProcess;
  readonly #observer: ChildProcess;
  #progress: LoadProgress | null = null;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const balancers = options.topology.hosts.filter((host) => host.role === 'lb');
    const loadConfig: LoadConfig = {
      targets: balancers.map(({ name, address }) => ({ name, host: address, port: 80 })),
      ratePerSecond: options.ratePerSecond,
      deadlineMs: DEADLINE_MS,
      path: '/',
    };
    const observerConfig: ObserverConfig = {
      balancers: balancers.map(({ name, address }) => ({ name, url: `http://${address}:8404/stats;csv` })),
      backend: 'web',
      everyMs: OBSERVE_EVERY_MS,
    };
    this.#observer = this.#spawn(OBSERVER, observerConfig, this.#observerFile);
    this.#load = this.#spawn(LOAD, loadConfig, this.#loadFile);
    if (this.#load.stdout === null) throw new Error('the load has no stdout');
    createInterface(this.#load.stdout).on('line', (line) => {
      this.#progress = JSON.parse(line) as LoadProgress;
    });
  }

  /** Resolves when requests are being sent. Throws Error when the load does not begin in time. */
  async started(): Promise<void> {
    const deadline = Date.now() + START_DEADLINE_MS;
    while (this.#progress === null) {
      if (Date.now() > deadline || this.#load.exitCode !== null)
        throw new Error('the load did not begin to send requests');
      await sleep(50);
    }
  }

  /** Ends both processes after the answers that are still due, and reads what they wrote. */
  async stop(): Promise<void> {
    await Promise.all([end(this.#load), end(this.#observer)]);
  }

  /** What was seen. Call after `stop`. */
  result(): Traffic {
    const webHosts = this.#options.topology.hosts.filter((host) => host.role === 'web').length;
    const observation = observe(readReadings(this.#observerFile), webHosts);
    return { load: summariseLoad(readLoad(this.#loadFile), observation.anyOut), observation };
  }

  get #loadFile(): string {
    return join(this.#options.directory, 'requests.jsonl');
  }

  get #observerFile(): string {
    return join(this.#options.directory, 'readings.jsonl');
  }

  #spawn(program: string, config: LoadConfig | ObserverConfig, file: string): ChildProcess {
    const argv = [process.execPath, program, '--config', JSON.stringify(config), '--out', file];
    return labSpawn(argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  }
}

/** Before the first and after the last thing that is done to a host, so that the balancers' state is seen from both sides. */
const HEAD_MS = 2_000;
const TAIL_MS = 3_000;

/** Runs traffic around the work, and ends it whatever becomes of the work. */
export async function underTraffic(options: TrafficOptions, work: () => Promise<void>): Promise<Traffic> {
  const traffic = new TrafficRun(options);
  try {
    await traffic.started();
    await sleep(HEAD_MS);
    await work();
    await sleep(TAIL_MS);
  } finally {
    await traffic.stop();
  }
  return traffic.result();
}

/** SIGTERM, and SIGKILL to what has not ended by the deadline. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await closed;
  clearTimeout(timer);
}
