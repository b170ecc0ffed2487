import type { Fleet, Host } from '../../../controller/core/fleet.ts';
import type { Timing } from '../../../controller/core/timing.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import type { HostShell } from '../../../controller/ports/host-shell.ts';
import type { Requester } from '../../../controller/ports/requester.ts';
import type { Signer } from '../../../controller/ports/signer.ts';
import type { Store } from '../../../controller/ports/store.ts';
import { FactsBoard } from '../../../controller/runner/facts-board.ts';
import { OwnChecks } from '../../../controller/runner/own-checks.ts';
import type { Executors } from '../../../controller/runner/executors.ts';
import { PoolWatch } from '../../../controller/runner/pool-watch.ts';
import { Prober } from '../../../controller/runner/prober.ts';
import { RolloutRunner } from '../../../controller/runner/rollout-runner.ts';
import { mortal } from './mortal.ts';

/** What a controller finds when it starts; all of it outlives the controller. */
export interface Surroundings {
  readonly store: Store;
  readonly clock: Clock;
  readonly shell: HostShell;
  readonly signer: Signer;
  readonly requester: Requester;
  readonly timing: Timing;
  readonly fleet: Fleet;
  readonly hosts: readonly Host[];
}

/** One run of the production controller, from start to SIGKILL. */
export class ControllerProcess {
  readonly epoch: number;
  readonly board: FactsBoard;
  readonly runner: RolloutRunner;
  readonly errors: string[] = [];
  /** Why it stopped by itself; null while it has not. */
  stoppedBy: Error | null = null;
  readonly #life = { isAlive: true };

  constructor(around: Surroundings, epoch: number) {
    const isAlive = (): boolean => this.#life.isAlive;
    const [store, clock, shell, requester] = [
      mortal(around.store, isAlive),
      mortal(around.clock, isAlive),
      mortal(around.shell, isAlive),
      mortal(around.requester, isAlive),
    ];
    const { timing, signer } = around;
    const hostOf = (id: string): Host | undefined => around.hosts.find((each) => each.id === id);
    this.epoch = epoch;
    this.board = new FactsBoard(timing, { onFact: () => this.runner.wake(), onReport: () => undefined });
    this.board.setFleet(around.fleet, around.hosts);
    const onPool: Executors['onPool'] = (balancer, backend, servers, at) =>
      this.board.recordPool(balancer, backend, servers, at);
    this.runner = new RolloutRunner({
      store,
      clock,
      timing,
      epoch,
      board: this.board,
      pools: new PoolWatch({
        shell,
        signer,
        clock,
        timing,
        epoch,
        hostOf,
        onPool: (balancer, backend, servers, at) => this.board.recordPool(balancer, backend, servers, at),
      }),
      checks: new OwnChecks(requester, clock, timing.checkEveryMs, (host, observation) =>
        this.board.recordOwnCheck(host, observation),
      ),
      prober: new Prober({
        requester,
        clock,
        deadlineMs: timing.probeDeadlineMs,
        onFailure: (failure) => this.board.recordProbeFailure(failure),
        isSomebodyOut: () => this.runner.world().slots.length > 0,
      }),
      executors: { shell, signer, clock, timing, epoch, hostOf, onPool },
      hostOf,
      log: { info: () => undefined, error: (data) => this.errors.push(JSON.stringify(data)) },
    });
  }

  get isAlive(): boolean {
    return this.#life.isAlive;
  }

  async start(): Promise<void> {
    await this.runner.load();
    this.runner.run(new AbortController().signal).catch((error: unknown) => {
      this.stoppedBy = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** SIGKILL: not one more word reaches it or leaves it. */
  kill(): void {
    this.#life.isAlive = false;
  }
}
