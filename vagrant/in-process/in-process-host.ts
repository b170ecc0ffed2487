import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runDaemon } from '../../agent/daemon/run-daemon.ts';
import { enrol, type EnrolmentResult } from '../../agent/enrol/enrol.ts';
import { renewThisHost } from '../../agent/enrol/enrol-this-host.ts';
import { parseEnrolmentDocument } from '../../agent/enrol/enrolment-document.ts';
import { recordBoot } from '../../agent/executor/boot-log.ts';
import { type ExecutorPaths, stepsDirectory } from '../../agent/executor/executor-paths.ts';
import { runExecutor } from '../../agent/executor/run-executor.ts';
import { runJob } from '../../agent/executor/run-job.ts';
import { openStepContext } from '../../agent/executor/step-log.ts';
import { hostFiles } from '../../agent/host-files.ts';
import { createFwupd } from '../../agent/platform/firmware/fwupd.ts';
import type { Platform } from '../../agent/platform/platform.ts';
import type { Pool } from '../../agent/platform/pool/pool.ts';
import type { Quorum } from '../../agent/platform/quorum/quorum.ts';
import { StepFailure } from '../../agent/platform/step-failure.ts';
import { survey } from '../../agent/survey.ts';
import { packageVersion } from '../../lib/package-version.ts';
import { writeFileAtomically } from '../../agent/write-file-atomically.ts';
import type { LabHost } from '../topology.ts';
import { BootLife } from './boot-life.ts';
import { HostPort } from './host-port.ts';
import type { HostProgram } from './host-program.ts';
import { hostUplink } from './host-uplink.ts';
import { simulatedBoot } from './simulated-boot.ts';
import { simulatedFiles } from './simulated-files.ts';
import { simulatedFwupd, takeFirmware } from './simulated-fwupd.ts';
import { simulatedLeftovers } from './simulated-leftovers.ts';
import { simulatedPackages } from './simulated-packages.ts';
import type { SimulatedSystem } from './simulated-system.ts';
import { simulatedUnits } from './simulated-units.ts';
import { newHostKey, SshServer } from './ssh-server.ts';

export const sshPort = 2222;
const UPLINK_PORT = 7443;

export interface InProcessHostOptions {
  /** With the address at which it really listens. */
  readonly host: LabHost;
  /** The host's own file system: everything that zdms keeps on it lies below. */
  readonly root: string;
  readonly system: SimulatedSystem;
  readonly program: HostProgram;
  readonly log: (line: string) => void;
}

/** A boot, and what the programs of that boot work through. */
interface RunningBoot {
  readonly life: BootLife;
  readonly platform: Platform;
}

/**
 * A host that lives in this process: its operating system is simulated, its sshd, agent and executor are the real ones. It boots, goes
 * down and is cut off as a machine would be; tests call the methods for what shall happen to it, and set `system.faults`.
 */
export class InProcessHost {
  readonly host: LabHost;
  readonly root: string;
  readonly system: SimulatedSystem;
  /** "ssh-ed25519 AAAA..." */
  readonly sshHostKey: string;
  readonly #options: InProcessHostOptions;
  readonly #files;
  readonly #paths: ExecutorPaths;
  readonly #ssh: HostPort;
  #uplink: HostPort | null = null;
  #running: RunningBoot | null = null;
  /** What a person at its switch wants; a reboot changes nothing about it. */
  #switchedOn = false;
  #agent: { readonly stop: AbortController; readonly ended: Promise<void> } | null = null;
  #comingUp: Promise<void> = Promise.resolve();
  #surveying: Promise<string | null> = Promise.resolve(null);

  constructor(options: InProcessHostOptions) {
    const { host, root, system } = options;
    this.#options = options;
    this.host = host;
    this.root = root;
    this.system = system;
    this.#files = hostFiles(root);
    this.#paths = executorPaths(root);
    const hostKey = newHostKey();
    this.sshHostKey = hostKey.publicKey;
    const server = new SshServer({
      hostKey: hostKey.privateKey,
      authorizedKeysFile: this.#files.authorizedKeys,
      runForcedCommand: (input, output) => {
        // A process of its own on a real host, so it begins now.
        const sessionStartedAtMs = Date.now();
        return runExecutor({ input, output, paths: this.#paths, platform: this.#platform, sessionStartedAtMs });
      },
    });
    this.#ssh = new HostPort({ address: host.address, port: sshPort, serve: (socket) => server.serve(socket) });
  }

  get isUp(): boolean {
    return this.#running !== null;
  }

  /** Makes it one of the fleet by what the controller tells a host that is to be enrolled; its agent runs from then on. */
  async enrol(document: unknown): Promise<EnrolmentResult> {
    const { controller, ...parsed } = parseEnrolmentDocument(JSON.stringify(document));
    const { address } = this.host;
    const [name = '', port = ''] = controller.split(':');
    this.#uplink = hostUplink(address, UPLINK_PORT, { host: name, port: Number(port) });
    await this.#uplink.open();
    return enrol(
      { ...parsed, controller: `${address}:${UPLINK_PORT}` },
      {
        files: this.#files,
        agentVersion: packageVersion(),
        agentUser: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
        readBootId: () => this.#platform.boot.bootId(),
        survey: () => this.survey(),
        systemctl: async ([command]) => {
          if (command === 'restart') this.startAgent();
        },
      },
    );
  }

  /** Switches it on. Resolves when everything on it runs. */
  async powerOn(): Promise<void> {
    this.#switchedOn = true;
    await this.#comeUp();
  }

  /** Cuts its power: all that ran on it is gone at once. */
  async powerOff(): Promise<void> {
    this.#switchedOn = false;
    await this.#goDown();
  }

  /** Goes down and comes up with a new boot id, by itself or because it was ordered to. */
  async reboot(): Promise<void> {
    const { faults, pace } = this.system;
    await this.#running?.life.takes(pace.goingDownMs);
    for (let boots = faults.reboot === 'twice' ? 2 : 1; boots > 0; boots -= 1) {
      await this.#goDown();
      if (faults.reboot === 'never-returns') return;
      await sleep(pace.downMs);
      if (!this.#switchedOn) return;
      await this.#comeUp();
    }
  }

  async #comeUp(): Promise<void> {
    if (this.#running === null) this.#comingUp = this.#boot();
    await this.#comingUp;
  }

  async #boot(): Promise<void> {
    const { system, root } = this;
    const life = new BootLife();
    this.#running = { life, platform: this.#platformOf(life) };
    system.bootIds.push(life.id);
    system.rebootRequired = false;
    takeFirmware(system);
    system.oldUnits.clear();
    await mkdir(join(root, 'var/lib/zdms'), { recursive: true });
    await recordBoot(this.#paths.boots, life.id);
    await Promise.all([this.#options.program.start(life.id), this.#ssh.open(), this.#uplink?.open()]);
    if (this.#uplink === null || life.isOver) return;
    this.startAgent();
    void this.survey();
  }

  async #goDown(): Promise<void> {
    this.#running?.life.end();
    this.#running = null;
    // It may wait for ever for something that it asked of this boot.
    this.#surveying = Promise.resolve(null);
    await this.#comingUp;
    await Promise.all([this.stopAgent(), this.#options.program.stop(), this.#ssh.close(), this.#uplink?.close()]);
  }

  /** Installs a package as a person on the host would: without zdms, restarting its service. Throws StepFailure. */
  async install(name: string, version: string): Promise<void> {
    const { packages } = this.#platform;
    const context = openStepContext('/dev/null');
    const wanted = [{ name, version, sha256: null }];
    await packages.fetch(wanted, [], context);
    await packages.install(wanted, context);
  }

  startAgent(): void {
    if (this.#agent !== null) return;
    const stop = new AbortController();
    const { boot, units, serviceAddress } = this.#platform;
    // A daemon that is killed waits for nothing, and this one can only be told to stop: it must not wait for a boot that is over.
    const bootId = this.#running?.life.id ?? '';
    const host = {
      boot: { ...boot, bootId: async () => bootId },
      units,
      serviceAddress,
      renew: () => renewThisHost(this.#files),
    };
    const ended = runDaemon(this.#files, stop.signal, () => undefined, host).catch((error: unknown) =>
      this.#options.log(`${this.host.name}: its agent ended: ${String(error)}`),
    );
    this.#agent = { stop, ended };
  }

  /** The host itself goes on. */
  async stopAgent(): Promise<void> {
    const agent = this.#agent;
    this.#agent = null;
    agent?.stop.abort();
    await agent?.ended;
  }

  /** What zdms-survey.service does. Returns what could not be found out, or null. */
  async survey(): Promise<string | null> {
    this.#surveying = this.#surveying.then(() => this.#surveyNow());
    return this.#surveying;
  }

  /** Every entry of the executor's journal, one a line. */
  readJournal(): string {
    const steps = stepsDirectory(this.#paths);
    const files = existsSync(steps) ? readdirSync(steps).filter((file) => file.endsWith('.json')) : [];
    return files.map((file) => `${readFileSync(join(steps, file), 'utf8')}\n`).join('');
  }

  /** sshd takes connections and answers nothing any more, on those that are open neither. */
  freezeSsh(): void {
    this.#ssh.freeze();
  }

  thawSsh(): void {
    this.#ssh.thaw();
  }

  /** Ends all SSH connections that are open now, as a network that loses its state does. */
  cutSsh(): void {
    this.#ssh.cut();
  }

  /** Pulls its cable: from outside it is silent, and its agent hears nothing. Inside all goes on. */
  cutNetwork(): void {
    for (const port of this.#allPorts()) port.freeze();
  }

  healNetwork(): void {
    for (const port of this.#allPorts()) port.thaw();
  }

  #allPorts(): readonly HostPort[] {
    return [this.#ssh, ...this.#options.program.ports, ...(this.#uplink === null ? [] : [this.#uplink])];
  }

  async #surveyNow(): Promise<string | null> {
    if (this.#running === null) return 'the host is down';
    const { life, platform } = this.#running;
    const { packages, boot, leftovers, updaters, snapshots, firmware, files } = platform;
    const parts = {
      ...{ packages, boot, leftovers, updaters, snapshots, firmware, files },
      readHardwareModel: async () => 'zdms in-process host',
      now: () => Date.now(),
    };
    const found = await survey(parts, { refresh: false });
    if (life.isOver) return 'the host went down';
    await writeFileAtomically(this.#files.survey, `${JSON.stringify(found)}\n`, { mode: 0o644 });
    return found.survey.error === '' ? null : (found.survey.error ?? null);
  }

  get #platform(): Platform {
    if (this.#running === null) throw new Error(`${this.host.name} is down`);
    return this.#running.platform;
  }

  #platformOf(boot: BootLife): Platform {
    const { system } = this;
    const { program, host } = this.#options;
    const platform: Platform = {
      packages: simulatedPackages({ system, boot, restartService: (name) => program.afterInstall(name) }),
      boot: simulatedBoot(system, boot, () => void this.reboot()),
      kernelTrial: { begin: async () => undefined, judge: async () => undefined, keep: async () => undefined },
      leftovers: simulatedLeftovers(system, boot),
      pool: program.pool ?? noBalancer,
      quorum: program.quorum ?? noMember,
      units: simulatedUnits({
        system,
        boot,
        runJob: async (token) => {
          await runJob(token, { paths: this.#paths, platform });
          await this.survey();
        },
      }),
      login: { problem: async () => system.faults.loginProblem },
      updaters: { patching: async () => [], pause: async () => [], putBack: async () => undefined },
      snapshots: { arePossible: async () => false, take: async () => undefined },
      files: simulatedFiles(system, boot),
      firmware: createFwupd(simulatedFwupd(system, boot), { records: join(this.root, 'var/lib/zdms/firmware') }),
      serviceAddress: host.address,
    };
    return platform;
  }
}

function executorPaths(root: string): ExecutorPaths {
  const files = hostFiles(root);
  return {
    orderKey: files.orderPublicKey,
    agentConfig: files.configuration,
    freeze: join(root, 'etc/zdms/freeze'),
    boots: files.boots,
    state: join(root, 'var/lib/zdms/executor'),
  };
}

async function refusePool(): Promise<never> {
  throw new StepFailure('pool-unreachable', 'no balancer runs on this host');
}

const noBalancer: Pool = { show: refusePool, drain: refusePool, open: refusePool };

async function refuseQuorum(): Promise<never> {
  throw new StepFailure('quorum-unreachable', 'no member of a quorum group runs on this host');
}

const noMember: Quorum = { members: refuseQuorum, moveLeader: refuseQuorum };
