import { once } from 'node:events';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connectOperator, type OperatorClient } from '../../../controller/cli/operator-client.ts';
import { runCommand } from '../../../vagrant/nspawn/command.ts';
import { labUp } from '../../../vagrant/nspawn/lab.ts';
import type { LabHost, LabRole, Topology } from '../../../vagrant/topology.ts';
import { abortable } from './interruption.ts';
import { ControllerProcess } from './controller-process.ts';
import type { LabBackEnd } from './lab-back-end.ts';
import { nspawnBackEnd } from './nspawn-back-end.ts';

const CHECKOUT = join(import.meta.dirname, '../../..');
const CLI = join(CHECKOUT, 'bin/zdms.js');
const AGENT_PORT = 7443;
const PACKAGE_DEADLINE_MS = 300_000;

export interface ZdmsLabOptions {
  readonly topology: string;
  /** Everything that zdms and the proof write; emptied first. */
  readonly directory: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** How `zdms` ended. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A lab with the hosts' agents installed and a controller that serves them: what a user has after five minutes with the README. */
export class ZdmsLab {
  readonly backEnd: LabBackEnd;
  readonly directory: string;
  readonly client: OperatorClient;
  readonly controller: ControllerProcess;

  constructor(backEnd: LabBackEnd, directory: string) {
    this.backEnd = backEnd;
    this.directory = directory;
    this.client = connectOperator(join(directory, 'zdms', 'operator.sock'));
    this.controller = new ControllerProcess(
      { config: join(directory, 'zdms', 'controller.yaml'), log: join(directory, 'controller.log') },
      this.client,
      backEnd.spawn,
    );
  }

  get topology(): Topology {
    return this.backEnd.topology;
  }

  get webHosts(): readonly string[] {
    return this.topology.hosts.filter((host) => host.role === 'web').map((host) => host.name);
  }

  /** All hosts that have something to patch: web and, where they serve, etcd. */
  get patchedHosts(): readonly LabHost[] {
    const roles: readonly LabRole[] = this.backEnd.etcdPort === null ? ['web'] : ['web', 'etcd'];
    return this.topology.hosts.filter((host) => roles.includes(host.role));
  }

  /** The SQLite file of the controller. */
  get storeFile(): string {
    return join(this.directory, 'zdms', 'state', 'zdms.sqlite');
  }

  get socket(): string {
    return join(this.directory, 'zdms', 'operator.sock');
  }

  /** Runs `zdms` with these arguments and returns what it said. */
  async zdms(...argv: readonly string[]): Promise<CliResult> {
    const child = this.backEnd.spawn(this.#command(argv), { stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.stdout === null || child.stderr === null) throw new Error('a process without output');
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { code: code ?? -1, stdout, stderr };
  }

  /** The same, but any exit code other than 0 throws Error with what it said. */
  async mustZdms(...argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.zdms(...argv);
    if (code !== 0) throw new Error(`zdms ${argv.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs `zdms` on this process's own terminal and returns its exit code. */
  async showZdms(...argv: readonly string[]): Promise<number> {
    const child = this.backEnd.spawn(this.#command(argv), { stdio: 'inherit' });
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? -1;
  }

  #command(argv: readonly string[]): readonly string[] {
    return [process.execPath, CLI, '--socket', this.socket, ...argv];
  }

  /** Writes a file into the directory and returns its path. */
  write(name: string, content: string): string {
    const file = join(this.directory, name);
    writeFileSync(file, content);
    return file;
  }

  /** Ends the controller, then the lab with all that runs in it. */
  async down(): Promise<void> {
    this.client.close();
    await this.controller.stop();
    await this.backEnd.down();
  }
}

/** Builds the agent's package and returns its path. Throws Error when that fails. */
export async function buildAgentPackage(): Promise<string> {
  const argv = [join(CHECKOUT, 'scripts/package'), '--only', 'agent', '--format', 'deb'];
  const { code, stdout, stderr } = await runCommand(argv, { timeoutMs: PACKAGE_DEADLINE_MS });
  if (code !== 0) throw new Error(`scripts/package ended with ${code}:\n${stdout}${stderr}`);
  return stdout.trim();
}

/** A fresh lab with zdms on it. On any error all of it is gone again. */
export async function zdmsLabUp(options: ZdmsLabOptions): Promise<ZdmsLab> {
  const { directory, say, signal } = options;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  say('building the agent package');
  const packageFile = await abortable(buildAgentPackage(), signal);
  const topology = await labUp({ topology: options.topology, progress: say, signal });
  return installZdms(nspawnBackEnd(topology, packageFile), { directory, say, signal });
}

export interface InstallOptions extends Omit<ZdmsLabOptions, 'topology'> {
  /** Of controller.yaml's `timing`, where the defaults are not wanted. */
  readonly timing?: Readonly<Record<string, number>>;
  /** Of controller.yaml: management controllers by host. */
  readonly bmc?: Readonly<Record<string, object>>;
  /** How long the hosts may take to serve once their agents are installed; default 60 s. */
  readonly servingDeadlineMs?: number;
}

/** Puts zdms on a lab that is up: a controller, and an agent on each host. On any error the lab is gone too. */
export async function installZdms(backEnd: LabBackEnd, options: InstallOptions): Promise<ZdmsLab> {
  const lab = new ZdmsLab(backEnd, options.directory);
  try {
    await abortable(install(lab, options), options.signal);
    return lab;
  } catch (error) {
    await lab.down();
    throw error;
  }
}

async function install(lab: ZdmsLab, options: InstallOptions): Promise<void> {
  const { say, timing = {}, bmc = {}, servingDeadlineMs = SERVING_DEADLINE_MS } = options;
  const { backEnd, directory, client } = lab;
  const { hosts, controllerAddress } = backEnd.topology;
  say('zdms init');
  const zdmsDirectory = join(directory, 'zdms');
  const listen = `${controllerAddress}:${AGENT_PORT}`;
  await lab.mustZdms('init', '--fleet-name', 'lab', '--dir', zdmsDirectory, '--listen', listen);
  lab.write('zdms/fleet.yaml', backEnd.fleetText());
  appendFileSync(
    join(zdmsDirectory, 'controller.yaml'),
    `timing: ${JSON.stringify(timing)}\nbmc: ${JSON.stringify(bmc)}\n`,
  );
  await lab.controller.start();
  say(`installing the agent on ${hosts.length} hosts`);
  await backEnd.installAgents({ client, directory, zdms: (...argv) => lab.mustZdms(...argv) });
  say('waiting until every host is known and serves');
  await untilAllServe(lab, servingDeadlineMs);
}

const SERVING_DEADLINE_MS = 60_000;
const SERVING_POLL_MS = 200;

/** Waits until the controller knows every host as it is: connected, surveyed, and serving. */
async function untilAllServe(lab: ZdmsLab, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const hosts = await lab.client.listHosts();
    const waiting = hosts.filter((host) => !host.connected || !host.serving || host.surveyedAt === null);
    if (hosts.length === lab.topology.hosts.length && waiting.length === 0) return;
    if (Date.now() > deadline) {
      const states = waiting.map((host) => `${host.id}: ${host.reason?.text ?? 'not surveyed'}`);
      throw new Error(
        `${hosts.length} of ${lab.topology.hosts.length} hosts are known; not ready: ${states.join('; ')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, SERVING_POLL_MS));
  }
}
