import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executorDependencies } from '../../../agent/executor/executor-dependencies.ts';
import { Executor } from '../../../agent/executor/executor.ts';
import type { ExecutorPaths } from '../../../agent/executor/executor-paths.ts';
import type { RebootNeeded } from '../../../agent/platform/boot/boot.ts';
import type { NeedrestartBatch } from '../../../agent/platform/boot/needrestart-batch.ts';
import type { OldFiles, Restarts } from '../../../agent/platform/leftovers/least-action.ts';
import type { Platform } from '../../../agent/platform/platform.ts';
import type { CommandResult } from '../../../agent/platform/run-command.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';
import type {
  ExactPackage,
  OrderBody,
  QuorumMember,
  Reply,
  RequestBody,
  Signed,
} from '../../../proto/zdms/v1/executor.ts';
import { reply as replySchema, verbs } from '../../../proto/zdms/v1/executor.ts';
import { runJob } from '../../../agent/executor/run-job.ts';
import type { Hindrance } from '../../../agent/platform/boot/boot-hindrances.ts';
import { FakeFiles } from './fake-files.ts';
import { FakeFirmware } from './fake-firmware.ts';

export const BOOT_A = '00000000-0000-4000-8000-00000000000a';
export const BOOT_B = '00000000-0000-4000-8000-00000000000b';
export const BOOT_C = '00000000-0000-4000-8000-00000000000c';
export const wanted: ExactPackage = { name: 'zdemo', version: '1.1.0', sha256: null };
export const previous: ExactPackage = { name: 'zdemo', version: '1.0.0', sha256: null };

export const done: CommandResult = { exitCode: 0, stdout: '', stderr: '', timedOut: false };

export const nothingOld: OldFiles = { units: [], manager: [], sessionProcesses: 0, strays: [] };

/** A host that exists only in memory; tests change what it is and count what was done to it. */
export class FakeHost {
  bootId = BOOT_A;
  installed = '1.0.0';
  failedUnits: string[] = [];
  /** What `sshd -t` has to say. */
  loginProblem: string | null = null;
  problemAfterInstall: string | null = null;
  /** Updaters that nobody asked: those that are on, while none is paused. */
  updaters: readonly string[] = [];
  missingWayBack: readonly ExactPackage[] = [];
  paused: readonly string[] = [];
  kernel: NeedrestartBatch['kernel'] = 'unknown';
  hindrances: readonly Hindrance[] = [];
  loggedIn: readonly Hindrance[] = [];
  trial: 'none' | 'begun' | 'kept' = 'none';
  trialFailure: StepFailure | null = null;
  /** What the host says of a reboot, and what runs old files on it. */
  reboot: RebootNeeded = { needed: 'yes', reasons: ['zdemo'] };
  old: OldFiles = nothingOld;
  /** What restarts leave of it; by themselves, nothing. */
  onRestart: (old: OldFiles) => OldFiles = () => nothingOld;
  readonly restarts: Restarts[] = [];
  /** Plans before whose change the root was kept, and what was installed then. */
  readonly kept: string[] = [];
  readonly files = new FakeFiles();
  readonly firmware = new FakeFirmware();
  packagePreflights = 0;
  fetches = 0;
  pauses = 0;
  reboots = 0;
  installs = 0;
  /** What systemctl reboot answers, and what it does. */
  onReboot: () => CommandResult = () => done;
  onLaunch: (unit: string, argv: readonly string[]) => CommandResult = () => done;
  unitsAtWork = new Set<string>();
  /** The quorum group of this host and web-2. */
  leader = 'web-1';
  leaderMoves = 0;
  quorumAnswers = true;
  /** An inline step waits for this. */
  gate: Promise<void> = Promise.resolve();

  #pause(): readonly string[] {
    this.pauses += 1;
    const found = this.paused.length === 0 ? this.updaters : [];
    this.paused = this.updaters;
    return found;
  }

  #group(): QuorumMember[] {
    if (!this.quorumAnswers) throw new StepFailure('quorum-unreachable', 'no answer');
    return ['web-1', 'web-2'].map((name) => {
      return { name, voter: true, healthy: true, leader: name === this.leader, lag: 0, detail: '' };
    });
  }

  platform(): Platform {
    return {
      packages: {
        installed: async (names) => Object.fromEntries(names.map((name) => [name, this.installed])),
        audit: async () => [],
        preflight: () => {
          this.packagePreflights += 1;
          return this.gate;
        },
        fetch: async () => {
          this.fetches += 1;
          return this.missingWayBack;
        },
        install: async (targets) => {
          this.installs += 1;
          this.installed = targets[0]?.version ?? this.installed;
          this.loginProblem = this.problemAfterInstall;
        },
        proveInstalled: async (targets) => {
          const target = targets.find((one) => one.version !== this.installed);
          if (target !== undefined) throw new StepFailure('versions-differ', `${target.name} is ${this.installed}`);
        },
        survey: async () => [],
      },
      boot: {
        bootId: async () => this.bootId,
        reboot: async () => {
          this.reboots += 1;
          return this.onReboot();
        },
        rebootNeeded: async () => this.reboot,
        kernel: async () => ({ kernel: this.kernel, running: '6.1.0-40', expected: '6.1.0-41' }),
        hindrances: async (sparesUsers) => [...this.hindrances, ...(sparesUsers ? this.loggedIn : [])],
      },
      kernelTrial: {
        begin: async () => {
          this.trial = 'begun';
          if (this.trialFailure !== null) throw this.trialFailure;
        },
        judge: async () => {
          if (this.trial === 'begun' && this.trialFailure !== null) throw this.trialFailure;
        },
        keep: async () => void (this.trial = this.trial === 'begun' ? 'kept' : this.trial),
      },
      leftovers: {
        find: async () => this.old,
        restart: async (restarts) => {
          this.restarts.push(restarts);
          this.old = this.onRestart(this.old);
        },
        use: async () => new Map(),
      },
      pool: { show: async () => [], drain: async () => [], open: async () => [] },
      quorum: {
        members: async () => this.#group(),
        moveLeader: async (to) => {
          this.leaderMoves += 1;
          this.leader = to;
          return this.#group();
        },
      },
      units: {
        failed: async () => this.failedUnits,
        isAtWork: async (unit) => this.unitsAtWork.has(unit),
        launch: async (unit, argv) => this.onLaunch(unit, argv),
        describe: async () => [],
        restart: async () => done,
        reexecuteManager: async () => done,
      },
      login: { problem: async () => this.loginProblem },
      updaters: {
        patching: async () => [],
        pause: async () => this.#pause(),
        putBack: async () => void (this.paused = []),
      },
      snapshots: {
        arePossible: async () => true,
        take: async (plan) => void this.kept.push(`${plan} with zdemo ${this.installed}`),
      },
      files: this.files.port(() => this.installed),
      firmware: this.firmware.port(() => this.installed),
      serviceAddress: '127.0.0.1',
    };
  }
}

type RequestPart<T> = T extends RequestBody
  ? Omit<T, 'v' | 'host' | 'orderHash' | 'token' | 'epoch' | 'issuedAt'>
  : never;
type Overrides = Partial<Pick<RequestBody, 'host' | 'orderHash' | 'token' | 'epoch' | 'issuedAt'>>;

/** An executor on a directory of its own, and the controller's side of the wire. */
export class ExecutorRig {
  #tokens = 0;
  readonly directory = mkdtempSync(join(tmpdir(), 'zdms-executor-'));
  readonly host = new FakeHost();
  readonly keys = generateKeyPairSync('ed25519');
  readonly paths: ExecutorPaths = {
    orderKey: join(this.directory, 'order.pub'),
    agentConfig: join(this.directory, 'agent.json'),
    freeze: join(this.directory, 'freeze'),
    boots: join(this.directory, 'boots'),
    state: join(this.directory, 'state'),
  };
  executor = this.session();
  order: OrderBody = {
    v: 1,
    fleet: 'test',
    plan: 'a'.repeat(64),
    rollout: 'r1',
    host: 'web-1',
    verbs: [...verbs],
    packages: [wanted],
    wayBack: [previous],
    pools: [{ kind: 'haproxy', backend: 'web', servers: ['web-1'] }],
    quorum: { kind: 'etcd', members: ['web-1', 'web-2'] },
    wayBackRequired: true,
    restarts: 'always',
    notAfter: Date.now() + 3_600_000,
  };
  #id = 0;

  constructor() {
    writeFileSync(this.paths.orderKey, this.keys.publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(this.paths.agentConfig, JSON.stringify({ hostId: 'web-1', more: true }));
  }

  /** Another session of the same host: another process, as far as the files can tell. */
  session(sessionStartedAtMs = Date.now()): Executor {
    const platform = this.host.platform();
    return new Executor(executorDependencies({ paths: this.paths, platform, self: ['agent'], sessionStartedAtMs }));
  }

  sign(body: unknown, key: KeyObject = this.keys.privateKey): Signed {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { body: text, signature: sign(null, Buffer.from(text), key).toString('base64') };
  }

  line(part: RequestPart<RequestBody>, overrides: Overrides = {}): string {
    const order = this.sign(this.order);
    const orderHash = createHash('sha256').update(order.body).digest('hex');
    const common = { v: 1, host: 'web-1', orderHash, token: 'r1.web-1.step.1', epoch: 1, issuedAt: Date.now() };
    this.#id += 1;
    return JSON.stringify({ id: String(this.#id), order, request: this.sign({ ...common, ...part, ...overrides }) });
  }

  async send(part: RequestPart<RequestBody>, overrides: Overrides = {}, executor = this.executor): Promise<Reply> {
    return replySchema.parse(await executor.handle(this.line(part, overrides)));
  }

  /** Never the same twice. */
  newToken(): string {
    this.#tokens += 1;
    return `r1.web-1.step.${this.#tokens}`;
  }

  /** Asked for and carried out to its end, the detached part too. */
  async carriedOut(verb: 'fetch' | 'apply' | 'rollback'): Promise<Reply> {
    const token = this.newToken();
    await this.send({ verb }, { token });
    await runJob(token, { paths: this.paths, platform: this.host.platform() });
    return this.status(token);
  }

  async status(of: string | null = 'r1.web-1.step.1', waitMs = 0, overrides: Overrides = {}): Promise<Reply> {
    return this.send({ verb: 'status', of, waitMs }, { token: 'r1.web-1.ask.1', ...overrides });
  }

  async remove(): Promise<void> {
    await this.executor.idle();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** The code of a refusal or failure, else the reply's kind: what most tests ask for. */
export function outcomeOf(reply: Reply): string {
  if (reply.kind === 'refused') return reply.code;
  if (reply.kind !== 'finished') return reply.kind;
  return reply.outcome.kind === 'failed' ? reply.outcome.code : 'succeeded';
}
