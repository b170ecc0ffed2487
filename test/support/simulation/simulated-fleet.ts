import { simulatedBmc } from './simulated-bmc.ts';
import type { RequestBody } from '../../../proto/zdms/v1/executor.ts';
import { canonicalHash } from '../../../lib/canonical-hash.ts';
import type { Change } from '../../../controller/core/change.ts';
import type { RolloutFact } from '../../../controller/core/event.ts';
import type { Fleet, Host, HostId, Service } from '../../../controller/core/fleet.ts';
import { groupsOf } from '../../../controller/core/group.ts';
import type { LimitsReading } from '../../../controller/core/limits.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import { type ExpectedTime, guessedTime } from '../../../controller/core/planning/expected-time.ts';
import { makePlan } from '../../../controller/core/planning/make-plan.ts';
import { releaseFacts, retryFacts } from '../../../controller/core/person.ts';
import type { Reason } from '../../../controller/core/reason.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import type { Timing } from '../../../controller/core/timing.ts';
import { whyNot } from '../../../controller/core/why.ts';
import type { CommitRequest } from '../../../controller/ports/store.ts';
import type { WorldPorts } from '../boundaries.ts';
import { MemoryStore } from '../memory-store.ts';
import { noLimits, noon, shop, shopHosts, upgrade, webService } from '../world-of.ts';
import { buildFleet } from './build-hosts.ts';
import { ControllerClock } from './controller-clock.ts';
import { ControllerProcess } from './controller-process.ts';
import { scheduleFaults } from './fault-schedule.ts';
import { type Fault, FaultScript } from './faults.ts';
import { memoryHosts } from './memory-hosts.ts';
import { ProcessLife } from './process-life.ts';
import { quickTiming } from './quick-timing.ts';
import { Rules } from './rules.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import type { SimulatedBalancer } from './simulated-balancer.ts';
import { plainMachine, type SimulatedHost } from './simulated-host.ts';
import type { SimulatedQuorum } from './simulated-quorum.ts';
import { SimulatedRequester } from './simulated-requester.ts';
import { SimulatedShell } from './simulated-shell.ts';
import { effectLine, eventLine, Story } from './story.ts';
import { trueInventory } from './true-inventory.ts';
import { VirtualClock } from './virtual-clock.ts';
import { watchedStore } from './watched-store.ts';
import { WrappingSigner } from './wrapping-signer.ts';

/** Before a rollout the agents get this long to report (ms). */
const settleInMs = 2000;

export interface SimulationOptions {
  readonly seed?: number;
  readonly hosts?: readonly Host[];
  readonly fleet?: Fleet;
  readonly change?: Change;
  readonly timing?: Timing;
  readonly faults?: readonly Fault[];
  /** What is installed on every host. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly modelOf?: (host: HostId) => string;
  /** Members of quorum groups that have no vote. */
  readonly learners?: readonly HostId[];
  /** How long a host is thought to be out (ms); where not said, as long as on real machines. */
  readonly expectedMs?: number;
}

/** Between the ports of one controller and what is behind them; its life may be ended or interrupted from there. */
export type Between = (ports: WorldPorts, life: ProcessLife) => WorldPorts;

export const calmWeb: Service = { ...webService, probe: { urls: ['http://web.example/'], perSecond: 1 } };
const edge: Service = {
  name: 'edge',
  hosts: { kind: 'ids', ids: ['lb-1', 'lb-2'] },
  size: 2,
  maxOut: 1,
  quorum: null,
  oneAtATime: null,
  pool: null,
  probe: null,
  checks: [],
  after: [],
};

/** The shop with one probe a second: enough to be noticed by, few enough for thousands of runs. */
export const calmShop: Fleet = { ...shop, services: [calmWeb, edge] };

/** Two web hosts in two zones, one of them at a time, behind two balancers. */
export const smallShop: Fleet = { ...shop, services: [{ ...calmWeb, size: 2, maxOut: 1 }, edge] };
export const smallShopHosts: readonly Host[] = shopHosts.filter((host) =>
  ['web-1', 'web-3', 'lb-1', 'lb-2'].includes(host.id),
);

/** A whole fleet with its controllers in one process and in virtual time; the controllers are the production code. */
export class SimulatedFleet {
  /** Of the first rollout. */
  readonly id = 'r1';
  readonly clock = new VirtualClock(noon);
  /** Of the machine that controllers run on. */
  readonly controllerClock = new ControllerClock(this.clock);
  readonly story: Story;
  readonly random: SeededRandom;
  readonly hosts: ReadonlyMap<HostId, SimulatedHost>;
  /** By service. */
  readonly quorums: ReadonlyMap<string, SimulatedQuorum>;
  readonly rules: Rules;
  /** Of the first rollout. */
  readonly plan: Plan;
  readonly timing: Timing;
  readonly store: MemoryStore;
  /** Called before each commit reaches the store; may kill its controller, so that it never does. */
  onCommitting: (request: CommitRequest) => void = () => undefined;
  /** Called after each commit; may kill its controller. */
  onCommitted: (batch: number) => void = () => undefined;
  /** Called when a request has reached its host; may kill its sender. */
  onDelivered: (request: RequestBody) => void = () => undefined;
  /** Puts something between a controller that starts and its world. */
  between: Between = (ports) => ports;
  controller: ControllerProcess | null = null;
  /** What limits.yaml says; a test may change it at any moment. */
  limits: LimitsReading = { kind: 'limits', limits: noLimits };
  /** What the fleet file says now; the first plan was made from the first one. */
  fleetFile: Fleet;
  readonly #fleet: Fleet;
  readonly #expected: ExpectedTime;
  readonly #hostList: readonly Host[];
  readonly #faults: FaultScript;
  readonly #script: readonly Fault[];
  #startedAt = noon + settleInMs;
  #clockSetAt = -Infinity;
  #batches = 0;

  constructor(options: SimulationOptions = {}) {
    this.#fleet = options.fleet ?? calmShop;
    this.fleetFile = this.#fleet;
    const { expectedMs } = options;
    this.#expected = expectedMs === undefined ? guessedTime : (): number => expectedMs;
    this.#hostList = (options.hosts ?? shopHosts).map((host, index) => ({ ...host, address: `192.0.2.${index + 1}` }));
    this.#script = options.faults ?? [];
    this.#faults = new FaultScript(this.#script, () => this.sinceStartMs);
    this.story = new Story(() => this.sinceStartMs);
    this.timing = options.timing ?? quickTiming;
    this.random = new SeededRandom(options.seed ?? 1);
    this.store = new MemoryStore(() => this.controllerClock.now());
    const modelOf = options.modelOf ?? ((): string => 'VM');
    const { clock } = this;
    const common = {
      fleet: this.#fleet,
      groups: groupsOf(this.#fleet, this.#hostList, modelOf),
      clock,
      faults: this.#faults,
    };
    const { hosts, quorums } = buildFleet({
      ...{ ...common, hosts: this.#hostList, random: this.random, learners: options.learners ?? [] },
      machineOf: (host) => ({ ...plainMachine, hardwareModel: modelOf(host) }),
      versionsOf: () => options.versions ?? { zdemo: '1.0.0' },
      onEffect: (effect) => {
        this.story.tell('H', () => effectLine(effect));
        this.rules.effect(effect);
      },
    });
    this.hosts = hosts;
    this.quorums = quorums;
    this.rules = new Rules({
      ...{ ...common, hosts, quorums, limits: () => this.limits, epoch: () => this.controller?.epoch ?? 0 },
      sinceClockStepMs: () => clock.now() - this.#clockSetAt,
      onBroken: (what) => this.story.tell('X', what),
    });
    this.plan = this.planFor(options.change ?? upgrade);
  }

  /** ms since the first rollout began. */
  get sinceStartMs(): number {
    return this.clock.now() - this.#startedAt;
  }

  /** The plan for a change, by the fleet file as it is now and what the hosts really are. Throws ZdmsError where there can be none. */
  planFor(change: Change): Plan {
    const now = this.controllerClock.now();
    const inventory = trueInventory(this.hosts.values(), now);
    const body = makePlan(this.fleetFile, inventory, change, now, { expected: this.#expected });
    return { ...body, hash: canonicalHash(body) };
  }

  /** A controller takes the lead; what runs already goes on running, unless killed. */
  async startController(): Promise<ControllerProcess> {
    const epoch = await this.store.becomeLeader('simulated');
    this.story.tell('C', `a controller takes the lead, epoch ${epoch}`);
    const life = new ProcessLife();
    const store = watchedStore(
      this.store,
      (request) => this.onCommitting(request),
      () => life.isAlive,
      async (request, slots) => {
        for (const event of request.events) this.story.tell('J', () => eventLine(request.rollout, event));
        this.rules.committed(request.rollout, request.events, slots);
        this.#batches += 1;
        this.onCommitted(this.#batches);
      },
    );
    const shell = new SimulatedShell(this.hosts, this.clock, this.#faults, {
      onSent: (request) => this.rules.sent(request),
      onDelivered: (request) => this.onDelivered(request),
    });
    const requester = new SimulatedRequester(this.hosts, this.clock, this.#faults);
    const process = new ControllerProcess(
      {
        ...this.between({ store, shell, requester }, life),
        clock: this.controllerClock,
        bmcOf: (id) => simulatedBmc(this.hosts, id, this.clock),
        signer: new WrappingSigner(),
        timing: this.timing,
        random: this.random,
        hosts: memoryHosts(this.#hostList),
        limits: { read: () => this.limits },
        readFleet: async () => this.fleetFile,
      },
      epoch,
      life,
    );
    this.controller = process;
    this.#connectAgents(process);
    await process.start();
    return process;
  }

  #connectAgents(process: ControllerProcess): void {
    const { telemetry } = process;
    const agents = new Map(
      [...this.hosts].map(([id, host]) => [
        id,
        new SimulatedAgent(host, this.controllerClock, telemetry, () => process.isAlive && process.stoppedBy === null),
      ]),
    );
    telemetry.onSettingsChanged((ids) => {
      for (const id of ids) agents.get(id)?.settingsChanged();
    });
    for (const agent of agents.values()) void agent.run(this.random);
  }

  /** Starts the first plan as `zdms apply` does, once the agents have reported. */
  async startRollout(): Promise<void> {
    await this.startController();
    await this.pass(settleInMs);
    this.#startedAt = this.clock.now();
    const { clock, story, hosts, quorums } = this;
    const isHealed = (): boolean => this.#faults.healed.isOpen;
    scheduleFaults(this.#script, { clock, story, hosts, quorums, startedAt: this.#startedAt, isHealed });
    void this.process.runner.create(this.id, this.plan, 'ada');
    await this.until('the rollout is on disk', () => this.rules.rollout !== null);
  }

  /** Starts a second rollout beside that one. */
  async startAnother(id: string, change: Change): Promise<void> {
    void this.process.runner.create(id, this.planFor(change), 'bob');
    await this.until(`${id} is on disk`, () => this.rules.rollouts.has(id));
  }

  get process(): ControllerProcess {
    if (this.controller === null) throw new Error('no controller runs');
    return this.controller;
  }

  /** The first rollout. */
  get rollout(): Rollout {
    if (this.rules.rollout === null) throw new Error('no rollout was created');
    return this.rules.rollout;
  }

  host(id: HostId): SimulatedHost {
    const host = this.hosts.get(id);
    if (host === undefined) throw new Error(`no host ${id}`);
    return host;
  }

  balancer(id: HostId): SimulatedBalancer {
    const { balancer } = this.host(id).parts;
    if (balancer === null) throw new Error(`${id} is no balancer`);
    return balancer;
  }

  /** Has a balancer been told by us to send it nobody? */
  isDrained(host: HostId): boolean {
    return [...this.hosts.values()].some(({ parts }) => parts.balancer?.isTakenBy(host, 'zdms') === true);
  }

  quorum(service = 'etcd'): SimulatedQuorum {
    const found = this.quorums.get(service);
    if (found === undefined) throw new Error(`no group ${service}`);
    return found;
  }

  /** What an operator's command appends. */
  submit(...facts: readonly RolloutFact[]): void {
    void this.process.runner.submit(this.id, facts);
  }

  /** What `zdms halt` does; the halt counts from when it is acknowledged. */
  halt(text = 'storm'): void {
    const halt = { since: this.clock.now(), by: 'ada', text };
    void this.process.runner.setHalt(halt, 'ada').then(() => this.rules.halted());
  }

  unhalt(): void {
    this.rules.unhalted();
    void this.process.runner.setHalt(null, 'ada');
  }

  /** Somebody sets the clock of the controller's machine. */
  stepClock(ms: number): void {
    this.controllerClock.step(ms);
    this.#clockSetAt = this.clock.now() + Math.abs(ms);
  }

  /** What `zdms retry` does; false where there is nothing to try again. */
  retry(host: HostId): boolean {
    const facts = retryFacts(this.rollout, host, 'ada', this.process.runner.world());
    if (typeof facts !== 'string') this.submit(...facts);
    return typeof facts !== 'string';
  }

  /** What `zdms release` does; in words why it cannot be done now. */
  release(host: HostId): string | null {
    const facts = releaseFacts(this.rollout, host, 'ada', 'it goes back to its maker');
    if (typeof facts === 'string') return facts;
    this.submit(...facts);
    return null;
  }

  /** No fault holds any more, and people have mended what the faults had broken. */
  heal(): void {
    this.#faults.heal();
    for (const host of this.hosts.values()) host.mend();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.runUntil(() => false, this.clock.now() + ms);
  }

  /** Lets time pass until that holds; throws with where everything stands when it does not within the time. */
  async until(what: string, done: () => boolean, withinMs = 600_000): Promise<void> {
    const happened = await this.clock.runUntil(
      () => this.rules.broken.length > 0 || done(),
      this.clock.now() + withinMs,
    );
    if (this.rules.broken.length > 0)
      throw new Error(`rules broken: ${this.rules.broken.join('; ')}\n${this.standing()}`);
    if (!happened) throw new Error(`not within ${withinMs} ms: ${what}\n${this.standing()}`);
  }

  async untilEnded(withinMs?: number): Promise<void> {
    await this.until('the rollout has ended', () => this.rollout.endedAt !== null, withinMs);
  }

  /** Why this host is not done, as `zdms why` would say. */
  whyNot(id: HostId, rollout = this.rollout): Reason | null {
    return whyNot(rollout, id, this.process.runner.world(), this.controllerClock.now(), this.timing);
  }

  stateOf(id: HostId): string {
    return this.rollout.hosts.get(id)?.state.kind ?? 'unknown';
  }

  /** Where everything stands, for the message of a test that failed. */
  standing(): string {
    const rollouts = [...this.rules.ledger.rollouts.values()].flatMap((rollout) => [
      `${rollout.id} is ${rollout.state} at +${this.sinceStartMs}`,
      ...[...rollout.hosts.values()].map(
        ({ host, state, steps }) =>
          `${host} ${state.kind} [${steps.join(' ')}] ${JSON.stringify(this.whyNot(host, rollout))}`,
      ),
    ]);
    return [...rollouts, ...this.story.lines().slice(-12), ...this.process.errors].join('\n');
  }
}
