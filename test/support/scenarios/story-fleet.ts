import { operatorService } from '../../../controller/api/operator-service.ts';
import { parseFleet } from '../../../controller/config/fleet-file.ts';
import { parseLimits } from '../../../controller/config/limits-file.ts';
import type { Fleet, HostId, Service } from '../../../controller/core/fleet.ts';
import { selectHosts } from '../../../controller/core/fleet.ts';
import { defaultLimits, type LimitsReading } from '../../../controller/core/limits.ts';
import { defaultTiming } from '../../../controller/core/timing.ts';
import type { Halt } from '../../../controller/core/world.ts';
import type { OperatorServiceHandlers } from '../../../proto/generated/zdms/v1/OperatorService.ts';
import { MemoryStore } from '../memory-store.ts';
import { ControllerProcess } from '../simulation/controller-process.ts';
import { type Fault, FaultScript } from '../simulation/faults.ts';
import { memoryHosts } from '../simulation/memory-hosts.ts';
import { ProcessLife } from '../simulation/process-life.ts';
import { Rules } from '../simulation/rules.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { SimulatedAgent } from '../simulation/simulated-agent.ts';
import { SimulatedBalancer } from '../simulation/simulated-balancer.ts';
import { SimulatedHost } from '../simulation/simulated-host.ts';
import { SimulatedQuorum } from '../simulation/simulated-quorum.ts';
import { SimulatedRequester } from '../simulation/simulated-requester.ts';
import { SimulatedShell } from '../simulation/simulated-shell.ts';
import { runStep } from '../simulation/simulated-steps.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { watchedStore } from '../simulation/watched-store.ts';
import { WrappingSigner } from '../simulation/wrapping-signer.ts';
import type { ListedHost } from './host-list.ts';
import { InProcessWire } from './in-process-wire.ts';

/** Before the story begins the agents get this long to report (ms). */
const settleInMs = 3000;
const socketPath = '/run/zdms/operator.sock';

/** The files of the machine that the controller and the operators work on, by name. */
export type Files = Map<string, string>;

/** One run of a controller, and whether it runs, stands still or is dead. */
interface StoryController {
  readonly process: ControllerProcess;
  readonly life: ProcessLife;
}

/** The simulated hosts of a story with the production controllers that look after them, in virtual time. */
export class StoryFleet {
  readonly clock: VirtualClock;
  readonly hosts: ReadonlyMap<HostId, SimulatedHost>;
  readonly quorums: readonly SimulatedQuorum[];
  /** What is wrong in the world, with times in UTC ms; a story adds to it and takes away. */
  readonly faults: Fault[] = [];
  readonly faultScript: FaultScript;
  /** What must hold in every story, whatever it tells. */
  readonly rules: Rules;
  readonly wire: InProcessWire;
  readonly store: MemoryStore;
  /** All that were ever started, oldest first; the last one serves operators. */
  readonly controllers: StoryController[] = [];
  readonly #files: Files;
  readonly #listed: readonly ListedHost[];
  readonly #random = new SeededRandom(1);
  /** Apart, so that the names of rollouts hang on nothing else. */
  readonly #ids = new SeededRandom(2);
  readonly #directory;
  #handlers: OperatorServiceHandlers | null = null;

  /** `startAt`: when the first line of the story happens, UTC ms. */
  constructor(listed: readonly ListedHost[], files: Files, startAt: number) {
    this.#listed = listed;
    this.#files = files;
    const startedAt = startAt - settleInMs;
    this.clock = new VirtualClock(startedAt);
    this.faultScript = new FaultScript(this.faults, () => this.clock.now());
    this.store = new StoryStore(
      () => this.clock.now(),
      (isHalted) => (isHalted ? this.rules.halted() : this.rules.unhalted()),
    );
    this.hosts = new Map(listed.map((each) => [each.host.id, this.#simulate(each)]));
    this.quorums = this.#services()
      .filter((service) => service.quorum !== null)
      .map(
        (service) =>
          new SimulatedQuorum(
            this.#membersOf(service).map((id) => this.host(id)),
            this.clock,
            this.faultScript,
            this.#random,
          ),
      );
    this.rules = new Rules(this.hosts, this.quorums, this.clock, () => this.#readLimits());
    this.#directory = memoryHosts(listed.map((each) => each.host));
    this.wire = new InProcessWire(socketPath, () => this.#handlers);
  }

  /** A fleet of these hosts that everybody has reported from. */
  static async begin(listed: readonly ListedHost[], files: Files, startAt: number): Promise<StoryFleet> {
    const fleet = new StoryFleet(listed, files, startAt);
    for (const { host } of listed) await fleet.store.saveHost(host);
    await fleet.startController();
    await fleet.pass(settleInMs);
    return fleet;
  }

  #simulate({ host, machine, versions }: ListedHost): SimulatedHost {
    const servers = this.#services().flatMap((service) =>
      service.pool?.balancers.includes(host.id) === true ? this.#membersOf(service) : [],
    );
    const balancer =
      servers.length === 0 ? null : new SimulatedBalancer(servers, (id) => this.hosts.get(id)?.isHealthy === true);
    return new SimulatedHost({
      ...{ host, machine, versions, balancer, runStep, clock: this.clock, faults: this.faultScript },
      quorum: () => this.quorums.find((group) => group.has(host.id)) ?? null,
      onEffect: (effect) => this.rules.effect(effect),
    });
  }

  /** Balancers and groups are built as the fleet file has them when the story begins; a file with mistakes builds none. */
  #services(): readonly Service[] {
    try {
      return this.#readFleet().services;
    } catch {
      return [];
    }
  }

  #membersOf(service: Service): readonly HostId[] {
    return selectHosts(
      service.hosts,
      this.#listed.map((each) => each.host),
    ).map((host) => host.id);
  }

  #readFleet(): Fleet {
    return parseFleet(this.#files.get('fleet.yaml') ?? '', 'fleet.yaml');
  }

  /** As the adapter for the real file does. */
  #readLimits(): LimitsReading {
    const text = this.#files.get('limits.yaml');
    if (text === undefined) return { kind: 'limits', limits: defaultLimits };
    try {
      return { kind: 'limits', limits: parseLimits(text, 'limits.yaml') };
    } catch (error) {
      return { kind: 'unreadable', detail: error instanceof Error ? error.message.split('\n').join('; ') : '' };
    }
  }

  /** A controller takes the lead and serves operators; one that runs already goes on, unless it is killed. */
  async startController(): Promise<void> {
    const epoch = await this.store.becomeLeader('simulated');
    const life = new ProcessLife();
    const store = watchedStore(
      this.store,
      () => undefined,
      () => life.isAlive,
      async ({ rollout, events }) => this.rules.committed(rollout, events, await this.store.slots()),
    );
    const shell = new SimulatedShell(this.hosts, this.clock, this.faultScript, {
      onSent: (request) => this.rules.sent(request),
      onDelivered: () => undefined,
    });
    const controller = new ControllerProcess(
      {
        ...{ store, shell, clock: this.clock, random: this.#ids, timing: defaultTiming, hosts: this.#directory },
        signer: new WrappingSigner(),
        requester: new SimulatedRequester(this.hosts, this.clock, this.faultScript),
        limits: { read: () => this.#readLimits() },
        readFleet: async () => this.#readFleet(),
      },
      epoch,
      life,
    );
    this.controllers.push({ process: controller, life });
    this.#connectAgents(controller);
    await controller.start();
    this.#handlers = operatorService(controller.operations, controller.log, this.clock);
  }

  #connectAgents(controller: ControllerProcess): void {
    const agents = new Map(
      [...this.hosts].map(([id, host]) => [
        id,
        new SimulatedAgent(host, this.clock, controller.board, () => controller.isRunning),
      ]),
    );
    controller.board.onSettingsChanged((ids) => {
      for (const id of ids) agents.get(id)?.settingsChanged();
    });
    for (const agent of agents.values()) void agent.run(this.#random);
  }

  /** SIGKILL. */
  killController(): void {
    this.latest.life.kill();
    this.#handlers = null;
    this.wire.breakAll();
  }

  /** The one that serves operators, or did last. */
  get latest(): StoryController {
    const last = this.controllers.at(-1);
    if (last === undefined) throw new Error('no controller was ever started');
    return last;
  }

  host(id: HostId): SimulatedHost {
    const host = this.hosts.get(id);
    if (host === undefined) throw new Error(`there is no host ${id}`);
    return host;
  }

  async pass(ms: number): Promise<void> {
    await this.clock.runUntil(() => false, this.clock.now() + ms);
  }
}

/** Tells of each halt and of its end, once it is written. */
class StoryStore extends MemoryStore {
  readonly #onHalt: (isHalted: boolean) => void;

  constructor(now: () => number, onHalt: (isHalted: boolean) => void) {
    super(now);
    this.#onHalt = onHalt;
  }

  override async saveHalt(halt: Halt | null): Promise<void> {
    await super.saveHalt(halt);
    this.#onHalt(halt !== null);
  }
}
