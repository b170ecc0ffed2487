import type { PackageUse } from '../../../controller/core/inventory.ts';
import { requestValidityMs } from '../../../proto/zdms/v1/executor.ts';
import type { AdminState, Evidence, OrderBody, Reply, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import type { Host } from '../../../controller/core/fleet.ts';
import { ExecutorJournal, isDetached, type JournalEntry } from './executor-journal.ts';
import type { FaultScript } from './faults.ts';
import { Latch } from './latch.ts';
import type { SimulatedBalancer } from './simulated-balancer.ts';
import { SimulatedChassis } from './simulated-chassis.ts';
import type { SimulatedQuorum } from './simulated-quorum.ts';

/** What a host tells whoever checks the rules, at the moment it does something to its users. */
export type OnEffect = (effect: Effect) => void;

export interface Effect {
  readonly kind: 'drain' | 'apply' | 'rollback' | 'reboot' | 'open' | 'moveLeader';
  /** The host that users lose by it; a balancer's effects are on its servers. */
  readonly host: string;
  /** The host that brings it about. */
  readonly by: string;
  readonly token: string;
  readonly epoch: number;
  /** Hash of the plan that the order names. */
  readonly plan: string;
  /** `open`: to this state. */
  readonly restore: AdminState | null;
}

/** What the host's agent tells of it beside its health. */
export interface Machine {
  readonly os: string;
  readonly hardwareModel: string;
  /** Versions by package that its sources offer, oldest first; null: it was never surveyed. */
  readonly offers: Readonly<Record<string, readonly string[]>> | null;
}

export const plainMachine: Machine = { os: 'Debian 12', hardwareModel: 'VM', offers: null };

export interface HostParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly faults: FaultScript;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Machine;
  readonly balancer: SimulatedBalancer | null;
  /** The group that it votes in. */
  readonly quorum: () => SimulatedQuorum | null;
  readonly onEffect: OnEffect;
  readonly runStep: RunStep;
}

/** Does the work of one step and writes its end into the host's journal. */
export type RunStep = (
  host: SimulatedHost,
  request: Exclude<RequestBody, { verb: 'status' | 'compare' }>,
  order: OrderBody,
  entry: JournalEntry,
) => Promise<void>;

/** A machine with its executor: does what proto/zdms/v1/executor.ts promises, in virtual time. */
export class SimulatedHost {
  readonly parts: HostParts;
  readonly journal = new ExecutorJournal();
  readonly chassis = new SimulatedChassis();
  bootId: string;
  boots = 0;
  /** Boots that nobody had asked zdms for. */
  bootsByItself = 0;
  /** The kernel that runs. */
  kernel: string;
  versions: Record<string, string>;
  /** The copy that its root has. */
  labels: Readonly<Record<string, string>>;
  /** Versions by package that its sources offer now. */
  offers: Machine['offers'];
  /** Packages that are on hold there. */
  readonly onHold = new Set<string>();
  /** Who runs files of its packages, by package; null: its agent cannot tell, and it is rebooted for each. */
  uses: Readonly<Record<string, PackageUse>> | null = null;
  /** CVEs that a version closes, by `NAME VERSION`, as its changelog says. Null: its repository has no changelogs. */
  closes: Readonly<Record<string, readonly string[]>> | null = {};
  isUp = true;
  /** The service answers, as far as what was done to the host goes. */
  serviceRuns = true;
  /** Which harm is being done to users right now, by us. */
  disruptedBy: 'apply' | 'reboot' | null = null;
  #epochSeen = 0;
  /** When each token was last asked for in vain. */
  readonly #missedAt = new Map<string, number>();
  #connection = new Latch();
  #button = new Latch();

  constructor(parts: HostParts) {
    this.parts = parts;
    this.versions = { ...parts.versions };
    this.labels = parts.host.labels;
    this.kernel = this.#newestKernel();
    this.offers = parts.machine.offers;
    this.bootId = bootIdOf(parts.host.address, 0);
  }

  get id(): string {
    return this.parts.host.id;
  }

  /** Opens when every connection to the host breaks. */
  get connectionLost(): Promise<void> {
    return this.#connection.opened;
  }

  /** From where the controller is. */
  get isReachable(): boolean {
    const { faults } = this.parts;
    return this.isUp && !faults.holds('unreachable', this.id) && !faults.holds('cut-off', this.id);
  }

  get answersShell(): boolean {
    return this.isReachable && !this.parts.faults.holds('ssh-cut', this.id);
  }

  /** Its service does what users want of it. */
  get isHealthy(): boolean {
    const { faults } = this.parts;
    return this.isUp && this.serviceRuns && !faults.holds('service-down', this.id) && !faults.holds('cut-off', this.id);
  }

  /** Everything about it works, and everybody can see that. */
  get isWell(): boolean {
    const { faults, balancer } = this.parts;
    const ills = ['ssh-cut', 'replies-cut', 'agent-silent', 'agent-lies', 'shows-old'] as const;
    const isShut = balancer !== null && [...balancer.backends].some((each) => balancer.isShut(each));
    return this.isHealthy && this.isReachable && !isShut && !ills.some((ill) => faults.holds(ill, this.id));
  }

  breakConnections(): void {
    this.#connection.open();
    this.#connection = new Latch();
  }

  /** Opens when somebody presses the power button of a host that is down. */
  get powerButton(): Promise<void> {
    return this.#button.opened;
  }

  pressPowerButton(): void {
    this.#button.open();
    this.#button = new Latch();
  }

  goDown(): void {
    this.isUp = false;
    for (const entry of this.journal.running()) if (entry.verb !== 'reboot') this.journal.interrupt(entry);
    this.breakConnections();
  }

  comeUp(): void {
    this.isUp = true;
    this.chassis.boot(this.parts.clock.now());
    this.boots += 1;
    this.bootId = bootIdOf(this.parts.host.address, this.boots);
    if (!this.parts.faults.holds('old-kernel-after-boot', this.id)) this.kernel = this.#newestKernel();
    // A balancer program that starts knows nothing of drains.
    this.parts.balancer?.restart();
  }

  /** Nobody has ordered it: power came back, or somebody has rebooted it by hand. */
  comeUpByItself(): void {
    this.bootsByItself += 1;
    this.comeUp();
  }

  /** Its power fails, or its kernel does, and it comes back by itself. Not in the middle of a reboot, which ends by itself as well. */
  async losePower(forMs: number): Promise<void> {
    if (!this.isUp || this.disruptedBy === 'reboot') return;
    this.goDown();
    await this.parts.clock.sleep(forMs);
    this.#comeUpUnlessUp();
  }

  /** Somebody may have pressed its button meanwhile. */
  #comeUpUnlessUp(): void {
    if (!this.isUp) this.comeUpByItself();
  }

  #newestKernel(): string {
    return this.versions['linux-image'] ?? '6.1';
  }

  /** Somebody has mended what was broken there. */
  mend(): void {
    if (this.disruptedBy === 'apply') return;
    this.serviceRuns = true;
    if (this.disruptedBy !== null) return;
    // By hand, with the kernel that was meant.
    if (this.isUp && this.kernel !== this.#newestKernel()) this.goDown();
    this.#comeUpUnlessUp();
  }

  async handle(request: RequestBody, order: OrderBody): Promise<Reply> {
    if (Math.abs(this.parts.clock.now() - request.issuedAt) > requestValidityMs)
      return refused('request-expired', 'it was signed too long ago, or in the future');
    if (request.epoch < this.#epochSeen)
      return {
        id: '',
        kind: 'refused',
        code: 'stale-epoch',
        message: 'a later controller has spoken',
        epochSeen: this.#epochSeen,
      };
    this.#epochSeen = request.epoch;
    if (!order.verbs.includes(request.verb)) return refused('verb-not-ordered', `${request.verb} is not in the order`);
    if (request.verb === 'status') return this.#status(request);
    if (request.verb === 'pool' && request.action.kind === 'show')
      return { id: '', kind: 'shown', servers: this.parts.balancer?.show(request.action.backend) ?? [] };
    if (request.verb === 'quorum' && request.action.kind === 'show') return this.#showMembers();
    if (request.verb === 'compare') return refused('bad-request', 'simulated hosts have no files');
    const known = this.journal.find(request.token);
    if (known !== undefined) return this.#answer(known);
    if (request.issuedAt <= (this.#missedAt.get(request.token) ?? -Infinity))
      return refused('overtaken', 'its sender has asked for it since, and gone on without it');
    if (request.verb === 'reboot' && request.bootIdBefore !== this.bootId)
      return refused('other-boot', `the host is on ${this.bootId}`);
    const entry = this.journal.begin(request.token, request.verb, this.parts.clock.now());
    void this.parts.runStep(this, request, order, entry);
    return this.#answer(entry);
  }

  #showMembers(): Reply {
    const members = this.parts.quorum()?.view(this.id) ?? null;
    if (members === null) return refused('quorum-unreachable', 'the member on this host has nothing to say');
    return { id: '', kind: 'members', members: [...members] };
  }

  async #answer(entry: JournalEntry): Promise<Reply> {
    if (isDetached(entry.verb) && !entry.ended.isOpen) return { id: '', kind: 'accepted', token: entry.token };
    await entry.ended.opened;
    return this.#record(entry);
  }

  async #status(request: Extract<RequestBody, { verb: 'status' }>): Promise<Reply> {
    const entry = request.of === null ? undefined : this.journal.find(request.of);
    if (entry === undefined) {
      if (request.of !== null) this.#missedAt.set(request.of, request.issuedAt);
      return { id: '', kind: 'absent', bootId: this.bootId, versions: this.versions };
    }
    if (!entry.ended.isOpen && request.waitMs > 0) {
      const stop = new AbortController();
      await Promise.race([entry.ended.opened, this.parts.clock.sleep(request.waitMs, stop.signal)]);
      stop.abort('answered');
    }
    return entry.ended.isOpen
      ? this.#record(entry)
      : { id: '', kind: 'running', token: entry.token, startedAt: entry.startedAt, bootId: this.bootId };
  }

  #record(entry: JournalEntry): Reply {
    const { token, startedAt, finishedAt, outcome } = entry;
    if (outcome === null || finishedAt === null)
      return { id: '', kind: 'interrupted', token, startedAt, bootId: this.bootId, versions: this.versions };
    return { id: '', kind: 'finished', token, startedAt, finishedAt, outcome };
  }

  /** What the host is at this moment. */
  evidence(overrides: Partial<Evidence> = {}): Evidence {
    return {
      bootId: this.bootId,
      bootIdBefore: null,
      versions: { ...this.versions },
      servers: [],
      members: [],
      rebootNeeded: null,
      restarted: [],
      spentMs: {},
      remarks: [],
      ...overrides,
    };
  }
}

function refused(code: string, message: string): Reply {
  return { id: '', kind: 'refused', code, message, epochSeen: null };
}

/** One id for each boot of each host, in the kernel's format. */
function bootIdOf(address: string, boots: number): string {
  const machine = (address.split('.').at(-1) ?? '0').padStart(4, '0');
  return `00000000-${machine}-4000-8000-${String(boots).padStart(12, '0')}`;
}
