import { simulatedBmc } from '../simulation/simulated-bmc.ts';
import { operatorService } from '../../../controller/api/operator-service.ts';
import { parseFleet } from '../../../controller/config/fleet-file.ts';
import { parseLimits } from '../../../controller/config/limits-file.ts';
import type { Fleet, HostId } from '../../../controller/core/fleet.ts';
import { groupsOf } from '../../../controller/core/group.ts';
import { defaultLimits, type LimitsReading } from '../../../controller/core/limits.ts';
import { defaultTiming } from '../../../controller/core/timing.ts';
import type { Halt } from '../../../controller/core/world.ts';
import type { OperatorServiceHandlers } from '../../../proto/generated/zdms/v1/OperatorService.ts';
import { MemoryStore } from '../memory-store.ts';
import { buildFleet } from '../simulation/build-hosts.ts';
import { ControllerProcess } from '../simulation/controller-process.ts';
import { type Fault, FaultScript } from '../simulation/faults.ts';
import { memoryHosts } from '../simulation/memory-hosts.ts';
import { ProcessLife } from '../simulation/process-life.ts';
import { Rules } from '../simulation/rules.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { SimulatedAgent } from '../simulation/simulated-agent.ts';
import { plainMachine, type SimulatedHost } from '../simulation/simulated-host.ts';
import type { SimulatedQuorum } from '../simulation/simulated-quorum.ts';
import { SimulatedRequester } from '../simulation/simulated-requester.ts';
import { SimulatedShell } from '../simulation/simulated-shell.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { watchedStore } from '../simulation/watched-store.ts';
import { WrappingSigner } from '../simulation/wrapping-signer.ts';
import { shop } from '../world-of.ts';
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
  readonly #random = new SeededRandom(1);
  /** Apart, so that the names of rollouts hang on nothing else. */
  readonly #ids = new SeededRandom(2);
  readonly #directory;
  #handlers: OperatorServiceHandlers | null = null;

  /** `startAt`: when the first line of the story happens, UTC ms. */
  constructor(listed: readonly ListedHost[], files: Files, startAt: number) {
    this.#files = files;
    const startedAt = startAt - settleInMs;
    this.clock = new VirtualClock(startedAt);
    this.faultScript = new FaultScript(this.faults, () => this.clock.now());
    this.store = new StoryStore(
      () => this.clock.now(),
      (isHalted) => (isHalted ? this.rules.halted() : this.rules.unhalted()),
    );
    const known = new Map(listed.map((each) => [each.host.id, each]));
    const { clock, faultScript: faults } = this;
    const hosts = listed.map((each) => each.host);
    const fleet = this.#fleetOf();
    const common = { clock, faults, fleet, groups: groupsOf(fleet, hosts, () => '') };
    const built = buildFleet({
      ...{ ...common, hosts, random: this.#random, learners: [] },
      machineOf: (id) => known.get(id)?.machine ?? plainMachine,
      versionsOf: (id) => known.get(id)?.versions ?? {},
      onEffect: (effect) => this.rules.effect(effect),
    });
    this.hosts = built.hosts;
    this.quorums = [...built.quorums.values()];
    this.rules = new Rules({
      ...{ ...common, ...built, limits: () => this.#readLimits(), epoch: () => this.latest.process.epoch },
      ...{ sinceClockStepMs: () => Infinity, onBroken: () => undefined },
    });
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

  /** Balancers and groups are built as the fleet file has them when the story begins; a file with mistakes builds none. */
  #fleetOf(): Fleet {
    try {
      return this.#readFleet();
    } catch {
      return { name: '', topology: [], services: [], budgets: [], policy: shop.policy };
    }
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
      async ({ rollout, events }, slots) => this.rules.committed(rollout, events, slots),
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
        bmcOf: (id) => simulatedBmc(this.hosts, id, this.clock),
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
