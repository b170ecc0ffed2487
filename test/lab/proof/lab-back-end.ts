import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { OperatorClient } from '../../../controller/cli/operator-client.ts';
import type { Topology } from '../../../vagrant/topology.ts';
import type { ExecutorStep } from './executor-journal.ts';
import type { HostTruth } from './host-truth.ts';
import type { LabFaults } from './lab-faults.ts';

/** What installing the agents works with. */
export interface Installation {
  readonly client: OperatorClient;
  /** Where files may be put. */
  readonly directory: string;
  /** Runs `zdms`; throws Error when it ends with another code than 0. */
  zdms(...argv: readonly string[]): Promise<string>;
}

/** How the hosts of a lab are reached. */
export interface LabReach {
  /** On every balancer: for users, and for HAProxy's statistics. */
  readonly usersPort: number;
  readonly statisticsPort: number;
  /** On every etcd host, for clients (the HTTP gateway of etcd 3.4); null: this lab's etcd hosts serve none. */
  readonly etcdPort: number | null;
  /** Starts a process that reaches the hosts; options are those of node:child_process. */
  readonly spawn: (argv: readonly string[], options: SpawnOptions) => ChildProcess;
}

/** What zdms and the proof need of a lab. Two implement it: real hosts as systemd-nspawn machines, and hosts in this process. */
export interface LabBackEnd extends LabReach {
  /** With the addresses at which the hosts are reached. */
  readonly topology: Topology;
  /** The fleet file of this lab. */
  fleetText(): string;
  /** Makes every host one of the fleet. */
  installAgents(installation: Installation): Promise<void>;
  /** What the hosts are, not by zdms's word. Throws Error when one does not answer. */
  readTruth(hosts: readonly string[]): Promise<readonly HostTruth[]>;
  /** The journal of one host's executor, oldest first. */
  readExecutorJournal(host: string): Promise<readonly ExecutorStep[]>;
  /** Has the host surveyed now, by the package lists as they are. */
  survey(host: string): Promise<void>;
  /** Patches and reboots a host without zdms and without a drain, as its operator. */
  patchAndReboot(host: string, version: string, say: (line: string) => void): Promise<void>;
  /** What can go wrong with its hosts on purpose; undefined where the demo offers no chaos. */
  readonly faults?: LabFaults;
  /** Lets the lab go on when this process ends; undefined where it cannot. */
  readonly keep?: () => void;
  down(): Promise<void>;
}
