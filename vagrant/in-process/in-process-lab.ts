import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { LabHost, LabRole, Topology } from '../topology.ts';
import { Balancer } from './balancer/balancer.ts';
import { EtcdGroup } from './etcd/etcd-group.ts';
import { EtcdMember } from './etcd/etcd-member.ts';
import type { HostProgram } from './host-program.ts';
import { InProcessHost } from './in-process-host.ts';
import { SimulatedRepository } from './simulated-repository.ts';
import { defaultPace, SimulatedSystem, type SystemPace } from './simulated-system.ts';
import { webPackage, WebService } from './web-service.ts';

/** Not 80: these hosts need no root. */
export const servicePort = 8080;
export const statisticsPort = 8404;
/** While a lab is up it listens here on its controller's address, so that another one takes other addresses. */
const CLAIM_PORT = 7440;
/** Where the lab's controller serves agents, by default. */
const AGENTS_PORT = 7443;
/** 127.77.0.0/16 is the first lab's network, 127.78.0.0/16 the next one's. */
const FIRST_NETWORK = 77;
const LAST_NETWORK = 250;

const INSTALLED_VERSION = '1.0.0';
const PUBLISHED_VERSIONS = ['1.0.0', '1.1.0', '1.2.0'] as const;

const REMOVE_ATTEMPTS = 5;
const REMOVE_AGAIN_MS = 20;

export interface InProcessLabOptions {
  readonly topology: Topology;
  readonly pace?: Partial<SystemPace>;
  /** How often a balancer checks each server, ms. */
  readonly checkEveryMs?: number;
  readonly log?: (line: string) => void;
}

const CHECK_EVERY_MS = 500;
const FIRST_MEMBER_ID = 0xa001;
/** As long as the lab of real hosts takes at the least. */
const ELECTION_MS = 1_000;

/** The package that hosts of a role have, the same as in the lab of real hosts; null: none. */
export const packageOfRole = {
  web: webPackage,
  etcd: 'zdemo-base',
  lb: null,
  dnf: null,
  zypper: null,
  ctl: null,
} as const satisfies Readonly<Record<LabRole, string | null>>;

/** A lab whose hosts all live in this process, each on a loopback address of its own. Whoever brings it up takes it down. */
export class InProcessLab {
  /** The topology with the addresses at which the hosts really are. */
  readonly topology: Topology;
  readonly repository = new SimulatedRepository();
  readonly etcd = new EtcdGroup(ELECTION_MS);
  readonly #hosts = new Map<string, InProcessHost>();
  readonly #programs = new Map<string, HostProgram>();
  readonly #claim: Server;
  readonly #directory = mkdtempSync(join(tmpdir(), 'zdms-lab-'));

  constructor(topology: Topology, claim: Server, options: InProcessLabOptions) {
    this.topology = topology;
    this.#claim = claim;
    for (const name of Object.values(packageOfRole))
      if (name !== null) this.repository.publish(name, ...PUBLISHED_VERSIONS);
    for (const host of topology.hosts) this.#add(host, options);
  }

  get hosts(): readonly InProcessHost[] {
    return [...this.#hosts.values()];
  }

  host(name: string): InProcessHost {
    const found = this.#hosts.get(name);
    if (found === undefined) throw unknownHost(name);
    return found;
  }

  balancer(name: string): Balancer {
    const found = this.#programs.get(name);
    if (!(found instanceof Balancer)) throw unknownHost(name);
    return found;
  }

  webService(name: string): WebService {
    const found = this.#programs.get(name);
    if (!(found instanceof WebService)) throw unknownHost(name);
    return found;
  }

  etcdMember(name: string): EtcdMember {
    const found = this.#programs.get(name);
    if (!(found instanceof EtcdMember)) throw unknownHost(name);
    return found;
  }

  /** Switches all hosts on. Resolves when each of them runs. */
  async up(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.powerOn()));
    this.etcd.start();
  }

  async down(): Promise<void> {
    this.etcd.stop();
    await Promise.all(this.hosts.map((host) => host.powerOff()));
    this.#claim.close();
    await removeQuiet(this.#directory);
  }

  #add(host: LabHost, { pace = {}, checkEveryMs = CHECK_EVERY_MS, log = () => undefined }: InProcessLabOptions): void {
    const root = join(this.#directory, host.name);
    mkdirSync(root);
    const system = new SimulatedSystem(this.repository, { ...defaultPace, ...pace });
    const packageName = packageOfRole[host.role];
    if (packageName !== null) system.packages.set(packageName, { version: INSTALLED_VERSION, state: 'installed' });
    const program = this.#program(host, root, system, checkEveryMs);
    this.#programs.set(host.name, program);
    this.#hosts.set(host.name, new InProcessHost({ host, root, system, program, log }));
  }

  #program({ name, role, address }: LabHost, root: string, system: SimulatedSystem, checkEveryMs: number): HostProgram {
    if (role === 'web') return new WebService({ host: name, address, port: servicePort, system });
    if (role === 'etcd') {
      const id = BigInt(FIRST_MEMBER_ID + this.etcd.voters.length);
      return new EtcdMember({ name, id, address, group: this.etcd, settingsFile: join(root, 'etcdctl.env') });
    }
    if (role === 'ctl' || role === 'dnf' || role === 'zypper')
      throw new Error(`hosts of role ${role} are real ones: ./scripts/lab up --topology NAME`);
    const servers = this.topology.hosts
      .filter((each) => each.role === 'web')
      .map((each) => ({ name: each.name, address: each.address, port: servicePort }));
    const ports = { usersPort: servicePort, statisticsPort };
    return new Balancer({
      ...{ address, ...ports, backend: 'web', servers, checkEveryMs },
      socketPath: join(root, 'haproxy.sock'),
    });
  }
}

/** An agent that has just ended may still be writing its last word down. */
async function removeQuiet(directory: string): Promise<void> {
  for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt += 1) {
    rmSync(directory, { recursive: true, force: true, maxRetries: REMOVE_ATTEMPTS });
    await sleep(REMOVE_AGAIN_MS);
    if (!existsSync(directory)) return;
  }
}

function unknownHost(name: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_LAB_HOST_UNKNOWN',
    `the lab has no such host ${name}`,
    'see its file in vagrant/topologies',
  );
}

/** Starts all hosts of a topology and waits until each of them runs. Throws ZDMS_LAB_BUSY when too many such labs are up. */
export async function inProcessLabUp(options: InProcessLabOptions): Promise<InProcessLab> {
  const { claim, network } = await claimNetwork();
  const lab = new InProcessLab(moveToLoopback(options.topology, network), claim, options);
  try {
    await lab.up();
    return lab;
  } catch (error) {
    await lab.down();
    throw error;
  }
}

/** The kernel lets a claim go when the process that holds it ends, however it ends. */
async function claimNetwork(): Promise<{ readonly claim: Server; readonly network: number }> {
  for (let network = FIRST_NETWORK; network <= LAST_NETWORK; network += 1) {
    const claim = await listen(`127.${network}.0.1`, CLAIM_PORT);
    if (claim === null) continue;
    claim.unref();
    const agents = await listen(`127.${network}.0.1`, AGENTS_PORT);
    agents?.close();
    if (agents !== null) return { claim, network };
    // A controller has outlived its lab.
    claim.close();
  }
  throw new ZdmsError(
    'ZDMS_LAB_BUSY',
    'every loopback network is taken by a lab of in-process hosts',
    'end some of them',
  );
}

/** Null when the address is taken. */
async function listen(address: string, port: number): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, address);
  return once(server, 'listening').then(
    () => server,
    () => null,
  );
}

/** The same topology in 127.NETWORK.0.0/16: 10.77.1.11 becomes 127.77.1.11. */
function moveToLoopback(topology: Topology, network: number): Topology {
  const move = (address: string): string => `127.${network}.${address.split('.').slice(2).join('.')}`;
  return {
    ...topology,
    network: `127.${network}.0.0/16`,
    controllerAddress: move(topology.controllerAddress),
    hosts: topology.hosts.map((host) => ({ ...host, address: move(host.address) })),
  };
}

/** A fleet file that was written for the addresses and ports of a lab of machines, for this lab. */
export function moveFleetFile(text: string, { network }: Topology): string {
  const second = network.split('.')[1] ?? '';
  return text
    .replaceAll(/http:\/\/\d+\.\d+\.(\d+\.\d+)\//g, `http://127.${second}.$1:${servicePort}/`)
    .replaceAll(/':80(?=[/'])/g, `':${servicePort}`);
}
