import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HostPort } from '../../../vagrant/in-process/host-port.ts';
import { hostUplink } from '../../../vagrant/in-process/host-uplink.ts';
import {
  type InProcessLab,
  inProcessLabUp,
  packageOfRole,
  servicePort,
} from '../../../vagrant/in-process/in-process-lab.ts';
import type { LabHost, Topology } from '../../../vagrant/topology.ts';
import type { HostTruth } from '../../lab/proof/host-truth.ts';
import { inProcessBackEnd } from '../../lab/proof/in-process-back-end.ts';
import { OpenLoop } from '../../lab/proof/open-loop.ts';
import { hasFailed, type RequestRecord } from '../../lab/proof/request-record.ts';
import { installZdms, type ZdmsLab } from '../../lab/proof/zdms-lab.ts';
import { until } from '../failing-rollout.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { ControllerChild, type Seat } from './controller-child.ts';

/** Where agents find their controller, whichever it is; and where each of two controllers really listens. */
const AGENTS_PORT = 7443;
const SEAT_PORTS = [7444, 7445] as const;

const USERS_PER_SECOND = 20;
const USER_DEADLINE_MS = 20_000;
/** A machine that is busy with other things needs its time. */
const READY_DEADLINE_MS = 60_000;

/** What is waited for is quick; what tells the dead from the slow takes its time, for a machine that hardly gets to its work. */
const timing = {
  ...{ beatMs: 500, beatWhileOutMs: 150, poolReadEveryMs: 250, quorumReadEveryMs: 250 },
  ...{ checksInRow: 2, checkEveryMs: 50, ownLookEveryMs: 500 },
  ...{ probeDeadlineMs: 20_000, poolStaleMs: 20_000, quorumStaleMs: 20_000, answerWithinMs: 20_000 },
  ...{ retryFirstMs: 100, retryLastMs: 500, probeTrialMs: 100 },
};
const pace = { listsMs: 5, fetchMs: 5, installMs: 40, goingDownMs: 20, downMs: 60 };
const BALANCER_CHECK_EVERY_MS = 200;

/** A host in each of three zones, again and again. */
function inZones(role: 'web' | 'etcd', count: number, firstAddress: number): readonly LabHost[] {
  return Array.from({ length: count }, (_, index) => {
    const zone = 'abc'.charAt(index % 3);
    return { name: `${role}-${index + 1}`, role, zone, rack: `${zone}1`, address: `10.77.1.${firstAddress + index}` };
  });
}

const topology: Topology = {
  name: 'crash',
  network: '10.77.0.0/16',
  controllerAddress: '10.77.0.1',
  prefixLength: 16,
  hosts: [
    ...inZones('web', 9, 11),
    ...inZones('etcd', 3, 31),
    { name: 'lb-1', role: 'lb', zone: 'a', rack: 'a1', address: '10.77.1.2' },
    { name: 'lb-2', role: 'lb', zone: 'b', rack: 'b1', address: '10.77.1.3' },
  ],
};

function fleetText({ hosts }: Topology): string {
  const urls = hosts.filter((host) => host.role === 'lb').map(({ address }) => `'http://${address}:${servicePort}/'`);
  return `fleet: crash
topology: [zone, rack]
services:
  web:
    hosts: { role: web }
    size: 9
    keepUp: 6
    oneAtATime: zone
    pool: { haproxy: [lb-1, lb-2], backend: web }
    check: { http: ':${servicePort}/healthz' }
    probe: { url: [${urls.join(', ')}], perSecond: 10 }
  edge: { hosts: { role: lb }, size: 2, keepUp: 1, check: { tcp: ':${servicePort}' } }
  etcd: { hosts: { role: etcd }, size: 3, quorum: etcd, check: { http: ':2379/health' } }
policy: { onFailure: hold, stopAfter: { hosts: 1 } }
`;
}

/** One rollout after the other, each of every host: nothing of them is to count for the next one. */
const limits = { ramp: 'off', rebootsPerHour: 'off', confirmAbove: 'off' };

/** Nine web hosts behind two balancers and three voters, whose controller is a child that interrupts itself where it is told. */
export class CrashLab {
  readonly lab: InProcessLab;
  readonly #zdms: ZdmsLab;
  readonly #seats: readonly Seat[];
  /** Where the agents' address leads now. */
  readonly #front: { host: string; port: number };
  readonly #frontPort: HostPort;
  readonly #users: OpenLoop;
  readonly #failed: RequestRecord[] = [];
  #versions = 0;
  #controller: ControllerChild | null = null;

  private constructor(lab: InProcessLab, zdms: ZdmsLab) {
    this.lab = lab;
    this.#zdms = zdms;
    const host = lab.topology.controllerAddress;
    this.#seats = SEAT_PORTS.map((port) => this.#seat(port));
    this.#front = { host, port: SEAT_PORTS[0] };
    this.#frontPort = hostUplink(host, AGENTS_PORT, this.#front);
    this.#users = new OpenLoop({
      targets: lab.topology.hosts
        .filter((each) => each.role === 'lb')
        .map(({ name, address }) => ({ name, host: address, port: servicePort })),
      ...{ ratePerSecond: USERS_PER_SECOND, deadlineMs: USER_DEADLINE_MS, path: '/' },
      onRecord: (record) => {
        if (hasFailed(record)) this.#failed.push(record);
      },
    });
  }

  /** Whoever calls this calls `down` and `removeTemporaryDirectories` afterwards. */
  static async up(): Promise<CrashLab> {
    const lab = await inProcessLabUp({ topology, pace, checkEveryMs: BALANCER_CHECK_EVERY_MS });
    const zdms = await installZdms(
      { ...inProcessBackEnd(lab), fleetText: () => fleetText(lab.topology) },
      { directory: temporaryDirectory(), say: () => undefined, signal: new AbortController().signal, timing },
    );
    chmodSync(zdms.write('zdms/limits.yaml', JSON.stringify(limits)), 0o644);
    await zdms.controller.stop();
    const crashLab = new CrashLab(lab, zdms);
    try {
      await crashLab.#frontPort.open();
      crashLab.#users.start();
      await crashLab.nextController();
      return crashLab;
    } catch (error) {
      await crashLab.down();
      throw error;
    }
  }

  /** Its own controller.yaml: another port and another socket, the same state. */
  #seat(port: number): Seat {
    const { directory } = this.#zdms;
    const socket = join(directory, `${port}.sock`);
    const text = readFileSync(join(directory, 'zdms/controller.yaml'), 'utf8')
      .replace(/listen: .*/, `listen: '${this.lab.topology.controllerAddress}:${port}'`)
      .replace(/operatorSocket: .*/, `operatorSocket: '${socket}'`);
    const config = this.#zdms.write(`zdms/${port}.yaml`, text);
    return { config, agentsPort: port, socket, log: join(directory, `${port}.log`) };
  }

  get hosts(): readonly string[] {
    return this.lab.topology.hosts.filter((host) => packageOfRole[host.role] !== null).map((host) => host.name);
  }

  get storeFile(): string {
    return this.#zdms.storeFile;
  }

  get directory(): string {
    return this.#zdms.directory;
  }

  get backEnd(): ZdmsLab['backEnd'] {
    return this.#zdms.backEnd;
  }

  /** The controller that leads. */
  get present(): ControllerChild {
    if (this.#controller === null) throw new Error('no controller runs');
    return this.#controller;
  }

  /** Starts another controller beside or after the present one, and turns all agents to it. */
  async nextController(): Promise<ControllerChild> {
    const seat = this.#seats.find((each) => each.config !== this.#controller?.seat.config) ?? this.#seats[0];
    if (seat === undefined) throw new Error('no seat');
    this.#controller = await ControllerChild.start(seat, this.#zdms.backEnd.spawn);
    this.#front.port = seat.agentsPort;
    this.#frontPort.cut();
    return this.#controller;
  }

  /** The lock of a process that stands still is taken from it, as a person does who thinks it dead, or a file system that is remounted. */
  takeLockAway(): void {
    rmSync(join(this.directory, 'zdms/state/leader.lock'));
  }

  /** Publishes a version that nobody has, and waits until the controller knows that it is offered and that every host serves. */
  async newVersion(): Promise<string> {
    this.#versions += 1;
    const version = `2.${this.#versions}.0`;
    for (const name of Object.values(packageOfRole)) if (name !== null) this.lab.repository.publish(name, version);
    const since = Date.now();
    await Promise.all(this.hosts.map((host) => this.backEnd.survey(host)));
    const isReady = async (): Promise<boolean> => {
      const known = await this.present.client.listHosts();
      return known.every(
        ({ id, serving, surveyedAt }) => serving && (!this.hosts.includes(id) || (surveyedAt ?? 0) >= since),
      );
    };
    await until('every host surveyed and serving', isReady, READY_DEADLINE_MS);
    return version;
  }

  truth(): Promise<readonly HostTruth[]> {
    return this.backEnd.readTruth(this.hosts);
  }

  /** The requests of users that have failed since the last call. */
  takeFailures(): readonly RequestRecord[] {
    return this.#failed.splice(0);
  }

  async down(): Promise<void> {
    await this.#users.stop();
    await this.#controller?.stop();
    await this.#frontPort.close();
    await this.#zdms.down();
  }
}
