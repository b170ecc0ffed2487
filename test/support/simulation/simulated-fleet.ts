import type { RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { Change } from '../../../controller/core/change.ts';
import type { RolloutFact } from '../../../controller/core/event.ts';
import type { Fleet, Host, HostId, Service } from '../../../controller/core/fleet.ts';
import type { LimitsReading } from '../../../controller/core/limits.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import { releaseFacts, retryFacts } from '../../../controller/core/person.ts';
import type { Reason } from '../../../controller/core/reason.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import type { Timing } from '../../../controller/core/timing.ts';
import { whyNot } from '../../../controller/core/why.ts';
import type { CommitRequest } from '../../../controller/ports/store.ts';
import type { WorldPorts } from '../boundaries.ts';
import { MemoryStore } from '../memory-store.ts';
import { noLimits, noon, planOf, shop, shopHosts, upgrade, webService } from '../world-of.ts';
import { ControllerProcess } from './controller-process.ts';
import { type Fault, FaultScript } from './faults.ts';
import { ProcessLife } from './process-life.ts';
import { memoryHosts } from './memory-hosts.ts';
import { quickTiming } from './quick-timing.ts';
import { Rules } from './rules.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import { SimulatedBalancer } from './simulated-balancer.ts';
import { SimulatedQuorum } from './simulated-quorum.ts';
import { plainMachine, SimulatedHost } from './simulated-host.ts';
import { SimulatedRequester } from './simulated-requester.ts';
import { runStep } from './simulated-steps.ts';
import { SimulatedShell } from './simulated-shell.ts';
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
}

/** Between the ports of one controller and what is behind them; its life may be ended or interrupted from there. */
export type Between = (ports: WorldPorts, life: ProcessLife) => WorldPorts;

export const calmWeb: Service = { ...webService, probe: { urls: ['http://192.0.2.200/'], perSecond: 1 } };
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
  readonly id = 'r1';
  readonly clock = new VirtualClock(noon);
  readonly random: SeededRandom;
  readonly hosts: ReadonlyMap<HostId, SimulatedHost>;
  /** By service. */
  readonly quorums: ReadonlyMap<string, SimulatedQuorum>;
  readonly rules: Rules;
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
  /** What the fleet file says now; the plan was made from the first one. */
  fleetFile: Fleet;
  readonly #fleet: Fleet;
  readonly #hostList: readonly Host[];
  readonly #faults: FaultScript;
  readonly #script: readonly Fault[];
  #startedAt = noon + settleInMs;
  #batches = 0;

  constructor(options: SimulationOptions = {}) {
    this.#fleet = options.fleet ?? calmShop;
    this.fleetFile = this.#fleet;
    this.#hostList = (options.hosts ?? shopHosts).map((host, index) => ({ ...host, address: `192.0.2.${index + 1}` }));
    this.#script = options.faults ?? [];
    this.#faults = new FaultScript(this.#script, () => this.clock.now() - this.#startedAt);
    this.timing = options.timing ?? quickTiming;
    this.random = new SeededRandom(options.seed ?? 1);
    this.plan = planOf({
      fleet: this.#fleet,
      hosts: this.#hostList,
      ...(options.change === undefined ? { change: upgrade } : { change: options.change }),
    });
    this.store = new MemoryStore(() => this.clock.now());
    this.hosts = new Map(this.#hostList.map((host) => [host.id, this.#simulate(host)]));
    this.quorums = new Map(
      this.#fleet.services
        .filter((service) => service.quorum !== null)
        .map(({ name }) => [
          name,
          new SimulatedQuorum(
            this.#membersOf(name).map((id) => this.host(id)),
            this.clock,
            this.#faults,
            this.random,
          ),
        ]),
    );
    this.rules = new Rules(this.hosts, [...this.quorums.values()], this.clock, () => this.limits);
  }

  #simulate(host: Host): SimulatedHost {
    const servers = this.#fleet.services.flatMap((service) =>
      service.pool?.balancers.includes(host.id) === true ? this.#membersOf(service.name) : [],
    );
    const balancer =
      servers.length === 0 ? null : new SimulatedBalancer(servers, (id) => this.hosts.get(id)?.isHealthy === true);
    return new SimulatedHost({
      host,
      clock: this.clock,
      faults: this.#faults,
      versions: { zdemo: '1.0.0' },
      machine: plainMachine,
      balancer,
      quorum: () => [...this.quorums.values()].find((group) => group.has(host.id)) ?? null,
      onEffect: (effect) => this.rules.effect(effect),
      runStep,
    });
  }

  #membersOf(service: string): readonly HostId[] {
    return Object.keys(this.plan.groups.find((group) => group.name === service)?.members ?? {});
  }

  /** A controller takes the lead; what runs already goes on running, unless killed. */
  async startController(): Promise<ControllerProcess> {
    const epoch = await this.store.becomeLeader('simulated');
    const life = new ProcessLife();
    const store = watchedStore(
      this.store,
      (request) => this.onCommitting(request),
      () => life.isAlive,
      async (request) => {
        this.rules.committed(request.rollout, request.events, await this.store.slots());
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
        clock: this.clock,
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
    const agents = new Map(
      [...this.hosts].map(([id, host]) => [
        id,
        new SimulatedAgent(host, this.clock, process.board, () => process.isRunning),
      ]),
    );
    process.board.onSettingsChanged((ids) => {
      for (const id of ids) agents.get(id)?.settingsChanged();
    });
    for (const agent of agents.values()) void agent.run(this.random);
  }

  /** Starts the plan as `zdms apply` does, once the agents have reported. */
  async startRollout(): Promise<void> {
    await this.startController();
    await this.pass(settleInMs);
    this.#startedAt = this.clock.now();
    for (const fault of this.#script) this.#schedule(fault);
    void this.process.runner.create(this.id, this.plan, 'ada');
    await this.until('the rollout is on disk', () => this.rules.rollout !== null);
  }

  /** Starts a second rollout beside that one. */
  async startAnother(id: string, change: Change): Promise<void> {
    const plan = planOf({ fleet: this.#fleet, hosts: this.#hostList, change });
    void this.process.runner.create(id, plan, 'bob');
    await this.until(`${id} is on disk`, () => this.rules.rollouts.has(id));
  }

  /** Faults that are moments rather than states. */
  #schedule(fault: Fault): void {
    if (fault.kind === 'balancer-restarts')
      this.clock.at(this.#startedAt + fault.at, () => this.balancer(fault.balancer).restart());
    if (fault.kind === 'leader-elected')
      this.clock.at(this.#startedAt + fault.at, () => {
        for (const group of this.quorums.values()) if (group.has(fault.host)) group.elect(fault.host);
      });
    if (fault.kind === 'unreachable')
      this.clock.at(this.#startedAt + fault.from, () => this.host(fault.host).breakConnections());
  }

  get process(): ControllerProcess {
    if (this.controller === null) throw new Error('no controller runs');
    return this.controller;
  }

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
    this.#faults.healed.open();
    for (const host of this.hosts.values()) host.mend();
  }

  quorum(service = 'etcd'): SimulatedQuorum {
    const found = this.quorums.get(service);
    if (found === undefined) throw new Error(`no group ${service}`);
    return found;
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
  whyNot(id: HostId): Reason | null {
    return whyNot(this.rollout, id, this.process.runner.world(), this.clock.now(), this.timing);
  }

  stateOf(id: HostId): string {
    return this.rollout.hosts.get(id)?.state.kind ?? 'unknown';
  }

  /** Where everything stands, for the message of a test that failed. */
  standing(): string {
    const hosts = [...this.rollout.hosts.values()].map(
      (each) => `${each.host} ${each.state.kind} [${each.steps.join(' ')}] ${JSON.stringify(this.whyNot(each.host))}`,
    );
    const recent = this.rules.journal
      .slice(-12)
      .map((event) => JSON.stringify(event, (key, value: unknown) => (key === 'plan' ? '...' : value)));
    return [
      `rollout ${this.rollout.state} at +${this.clock.now() - this.#startedAt}`,
      ...hosts,
      ...recent,
      ...this.process.errors,
    ].join('\n');
  }
}
