import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topology } from '../../../vagrant/topology.ts';
import { etcdEndpoints, EtcdTrafficRun, type EtcdTraffic } from './etcd-traffic.ts';
import { readLoad, summariseLoad, type LoadSummary } from './load-summary.ts';
import type { LabReach } from './lab-back-end.ts';
import type { LoadConfig, LoadProgress } from './load.ts';
import { endMeasuring, startMeasuring } from './measuring-process.ts';
import { observe, readReadings, type Observation } from './observation.ts';
import { nspawnReach } from './nspawn-back-end.ts';
import type { ObserverConfig } from './observer.ts';

/** What user traffic and the balancers' own word showed, from start to stop. */
export interface Traffic {
  readonly load: LoadSummary;
  readonly observation: Observation;
  /** Null: the lab has no etcd. */
  readonly etcd: EtcdTraffic | null;
}

export interface TrafficOptions {
  readonly topology: Topology;
  /** The lab of real hosts unless told. */
  readonly reach?: LabReach;
  readonly ratePerSecond: number;
  /** Directory for what the processes write. */
  readonly directory: string;
}

const DEADLINE_MS = 5_000;
const OBSERVE_EVERY_MS = 100;
const START_DEADLINE_MS = 15_000;
const LOAD = join(import.meta.dirname, 'load.ts');
const OBSERVER = join(import.meta.dirname, 'observer.ts');

/**
 * The load and the observer at work, each a process of its own in the lab's network that knows the balancers and nothing else, and
 * the same for etcd where the lab has one. Whoever starts it has to stop it; when this process dies, all of them end by themselves.
 */
class TrafficRun {
  readonly #options: TrafficOptions;
  readonly #load: ChildProcess;
  readonly #observer: ChildProcess;
  readonly #etcd: EtcdTrafficRun | null;
  #progress: LoadProgress | null = null;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const reach = options.reach ?? nspawnReach;
    const { usersPort, statisticsPort, spawn } = reach;
    const balancers = options.topology.hosts.filter((host) => host.role === 'lb');
    const loadConfig: LoadConfig = {
      targets: balancers.map(({ name, address }) => ({ name, host: address, port: usersPort })),
      ratePerSecond: options.ratePerSecond,
      deadlineMs: DEADLINE_MS,
      path: '/',
    };
    const observerConfig: ObserverConfig = {
      balancers: balancers.map(({ name, address }) => ({ name, url: `http://${address}:${statisticsPort}/stats;csv` })),
      backend: 'web',
      everyMs: OBSERVE_EVERY_MS,
    };
    const endpoints = etcdEndpoints(options.topology, reach);
    this.#etcd = endpoints.length === 0 ? null : new EtcdTrafficRun(endpoints, spawn, options.directory);
    this.#observer = startMeasuring(spawn, OBSERVER, observerConfig, this.#observerFile);
    this.#load = startMeasuring(spawn, LOAD, loadConfig, this.#loadFile);
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

  /** Ends all processes after the answers that are still due. */
  async stop(): Promise<void> {
    await Promise.all([endMeasuring(this.#load), endMeasuring(this.#observer), this.#etcd?.stop()]);
  }

  /** What was seen. Call after `stop`. */
  result(): Traffic {
    const webHosts = this.#options.topology.hosts.filter((host) => host.role === 'web').length;
    const observation = observe(readReadings(this.#observerFile), webHosts);
    const load = summariseLoad(readLoad(this.#loadFile), observation.anyOut);
    return { load, observation, etcd: this.#etcd?.result() ?? null };
  }

  get #loadFile(): string {
    return join(this.#options.directory, 'requests.jsonl');
  }

  get #observerFile(): string {
    return join(this.#options.directory, 'readings.jsonl');
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
