import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Topology } from '../../../vagrant/topology.ts';
import type { EtcdEndpoint } from './etcd-client.ts';
import type { EtcdObserverConfig } from './etcd-observer.ts';
import type { WriterConfig } from './etcd-writer.ts';
import type { LabReach } from './lab-back-end.ts';
import { endMeasuring, startMeasuring } from './measuring-process.ts';
import { readPuts, summarisePuts, type PutSummary } from './put-summary.ts';
import { observeQuorum, readMemberReadings, type QuorumObservation } from './quorum-observation.ts';

/** What clients of etcd noticed, and what its members said of themselves. */
export interface EtcdTraffic {
  readonly puts: PutSummary;
  readonly quorum: QuorumObservation;
  readonly members: readonly string[];
}

const PUT_EVERY_MS = 100;
const PUT_DEADLINE_MS = 5_000;
const OBSERVE_EVERY_MS = 100;
const WRITER = join(import.meta.dirname, 'etcd-writer.ts');
const OBSERVER = join(import.meta.dirname, 'etcd-observer.ts');

/** A client that writes and an observer that looks, each a process of its own that knows the members' addresses and nothing else. */
export class EtcdTrafficRun {
  readonly #directory: string;
  readonly #endpoints: readonly EtcdEndpoint[];
  readonly #prefix = `proof/${Date.now()}/`;
  readonly #processes: readonly ChildProcess[];

  constructor(endpoints: readonly EtcdEndpoint[], spawn: LabReach['spawn'], directory: string) {
    this.#endpoints = endpoints;
    this.#directory = directory;
    const prefix = this.#prefix;
    const writer: WriterConfig = { endpoints, everyMs: PUT_EVERY_MS, deadlineMs: PUT_DEADLINE_MS, prefix };
    const observer: EtcdObserverConfig = { endpoints, everyMs: OBSERVE_EVERY_MS };
    this.#processes = [
      startMeasuring(spawn, WRITER, writer, this.#putsFile),
      startMeasuring(spawn, OBSERVER, observer, this.#readingsFile),
    ];
  }

  /** Ends both after the answers that are still due; the writer reads its keys back before it ends. */
  async stop(): Promise<void> {
    await Promise.all(this.#processes.map(endMeasuring));
  }

  /** What was seen. Call after `stop`. */
  result(): EtcdTraffic {
    const members = this.#endpoints.map((endpoint) => endpoint.name);
    return {
      puts: summarisePuts(readPuts(this.#putsFile, this.#prefix)),
      quorum: observeQuorum(readMemberReadings(this.#readingsFile), members),
      members,
    };
  }

  get #putsFile(): string {
    return join(this.#directory, 'puts.jsonl');
  }

  get #readingsFile(): string {
    return join(this.#directory, 'member-readings.jsonl');
  }
}

/** Where clients find the members of the lab's etcd; empty where it has none. */
export function etcdEndpoints(topology: Topology, { etcdPort }: LabReach): readonly EtcdEndpoint[] {
  if (etcdPort === null) return [];
  return topology.hosts
    .filter((host) => host.role === 'etcd')
    .map(({ name, address }) => ({ name, url: `http://${address}:${etcdPort}` }));
}
