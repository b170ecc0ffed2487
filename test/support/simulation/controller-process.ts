import type { Bmc } from '../../../controller/ports/bmc.ts';
import { parseChange } from '../../../controller/config/change-file.ts';
import type { HostId, Fleet } from '../../../controller/core/fleet.ts';
import type { Timing } from '../../../controller/core/timing.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import type { RunnerWitness } from '../../../controller/ports/runner-witness.ts';
import type { LimitsSource } from '../../../controller/ports/limits-source.ts';
import type { HostShell } from '../../../controller/ports/host-shell.ts';
import type { Random } from '../../../controller/ports/random.ts';
import type { Requester } from '../../../controller/ports/requester.ts';
import type { Signer } from '../../../controller/ports/signer.ts';
import type { Store } from '../../../controller/ports/store.ts';
import type { TelemetryListener } from '../../../controller/ports/telemetry.ts';
import { FactsBoard } from '../../../controller/runner/facts-board.ts';
import { OwnChecks } from '../../../controller/runner/own-checks.ts';
import type { Executors } from '../../../controller/runner/executors.ts';
import { FleetOperations } from '../../../controller/runner/fleet-operations.ts';
import { Guard } from '../../../controller/runner/guard.ts';
import type { HostDirectory } from '../../../controller/runner/operations-parts.ts';
import { PoolWatch } from '../../../controller/runner/pool-watch.ts';
import { Prober } from '../../../controller/runner/prober.ts';
import { QuorumBoard } from '../../../controller/runner/quorum-board.ts';
import { QuorumWatch } from '../../../controller/runner/quorum-watch.ts';
import { RolloutRunner } from '../../../controller/runner/rollout-runner.ts';
import { SilentAgents } from '../../../controller/runner/silent-agents.ts';
import type { ProcessLife } from './process-life.ts';

/** What a controller finds when it starts; all of it outlives the controller. */
export interface Surroundings {
  readonly store: Store;
  readonly clock: Clock;
  readonly shell: HostShell;
  readonly signer: Signer;
  readonly requester: Requester;
  readonly bmcOf: (host: HostId) => Bmc | null;
  readonly timing: Timing;
  readonly random: Random;
  readonly hosts: HostDirectory;
  readonly limits: LimitsSource;
  /** The fleet file as it is now. */
  readonly readFleet: () => Promise<Fleet>;
}

/** One run of the production controller, from start to SIGKILL. */
export class ControllerProcess {
  readonly epoch: number;
  readonly board: FactsBoard;
  readonly runner: RolloutRunner;
  /** What operators ask for. */
  readonly operations: FleetOperations;
  readonly executors: Executors;
  readonly errors: string[] = [];
  /** Who is told what the runner does; a test may put in its own. */
  witness: RunnerWitness = { committed: () => undefined, ticked: () => undefined };
  readonly log = {
    info: (): void => undefined,
    error: (data: object, message: string): void => void this.errors.push(`${message} ${JSON.stringify(data)}`),
  };
  /** Why it stopped by itself; null while it has not. */
  stoppedBy: Error | null = null;
  readonly #life: ProcessLife;
  readonly #around: Surroundings;

  constructor(around: Surroundings, epoch: number, life: ProcessLife) {
    this.#life = life;
    this.#around = around;
    const [store, clock] = [life.port(around.store), life.port(around.clock)];
    const [shell, requester] = [life.port(around.shell), life.port(around.requester)];
    const { timing, signer, hosts, limits, readFleet } = around;
    const hostOf = hosts.get;
    this.epoch = epoch;
    const wake = (): void => this.runner.wake();
    const guard = new Guard({
      ...{ clock, timing, limits, hosts: hosts.all, readFleet },
      onFact: wake,
    });
    this.board = new FactsBoard(timing, {
      onFact: wake,
      onReport: (host, report) => {
        guard.recordReport(host, report);
        void store.saveReport(host, report);
      },
    });
    const quorums = new QuorumBoard(clock, timing.quorumStaleMs, wake);
    const executors: Executors = (this.executors = {
      ...{ shell, signer, clock, timing, epoch, hostOf },
      bmcOf: (host) => {
        const bmc = around.bmcOf(host);
        if (bmc === null) return null;
        return life.port({ ...bmc, firmware: bmc.firmware === null ? null : life.port(bmc.firmware) });
      },
      onPool: this.board.recordPool.bind(this.board),
      onQuorum: quorums.record.bind(quorums),
      isHalted: guard.isHalted.bind(guard),
      onSuperseded: (error) => this.runner.supersede(error),
    });
    const prober = new Prober({
      requester,
      clock,
      deadlineMs: timing.probeDeadlineMs,
      onFailure: (failure) => this.board.recordProbeFailure(failure),
      isSomebodyOut: (rollout) => this.runner.isSomebodyOut(rollout),
    });
    this.runner = new RolloutRunner({
      ...{ store, clock, timing, epoch, board: this.board, guard, quorums, executors, hostOf, prober },
      pools: new PoolWatch(executors),
      quorumWatch: new QuorumWatch(executors),
      silent: new SilentAgents(executors, wake),
      checks: new OwnChecks(requester, clock, this.board.recordOwnCheck.bind(this.board)),
      ...{
        log: this.log,
        witness: {
          committed: (...told) => this.witness.committed(...told),
          ticked: (tookMs) => this.witness.ticked(tookMs),
        },
      },
    });
    this.operations = new FleetOperations({
      ...{ store, clock, timing, hosts, limits, readFleet, parseChange, prober, executors },
      ...{ runner: this.runner, board: this.board, random: around.random },
      ...{ agentWords: new Map(), version: '0.0.0' },
      invite: () => Promise.reject(new Error('nobody is invited here')),
    });
  }

  /** What agents talk to. What they say while the process stands still waits for it. */
  readonly telemetry: TelemetryListener = {
    onBeat: (host, beat) => {
      if (this.isRunning) this.board.onBeat(host, beat);
      else void this.#life.running().then(() => this.board.onBeat(host, beat));
    },
    settingsFor: (host) => this.board.settingsFor(host),
    onSettingsChanged: (push) => this.board.onSettingsChanged(push),
  };

  get isAlive(): boolean {
    return this.#life.isAlive;
  }

  /** SIGSTOP: its machine is swapped out, or moved to another one. */
  pause(): void {
    this.#life.pause();
  }

  /** SIGCONT: it goes on in the middle of what it was at, and knows nothing of the time that has passed. */
  resume(): void {
    this.#life.resume();
  }

  /** Alive, and not standing still. */
  get isRunning(): boolean {
    return this.#life.isRunning;
  }

  async start(): Promise<void> {
    const { readFleet, hosts } = this.#around;
    // One that cannot be read yet stops nothing, as in production.
    await readFleet().then(
      (fleet) => this.board.setFleet(fleet, hosts.all()),
      () => undefined,
    );
    await this.runner.load();
    this.runner.run(new AbortController().signal).catch((error: unknown) => {
      this.stoppedBy = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** SIGKILL: not one more word reaches it or leaves it. */
  kill(): void {
    this.#life.kill();
  }
}
