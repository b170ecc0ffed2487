import type { HostId } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
import { HostUnreachableError, ReplyLostError } from '../ports/host-shell.ts';
import { askExecutor, type Executors } from './executors.ts';

/** A reading older than this when it arrives says nothing any more. */
const readWithinMs = 3000;

/** Keeps the readings of all balancers of a rollout's fleet fresh, each by its own pace, so that a slow one delays no other. */
export class PoolWatch {
  readonly #executors: Executors;
  readonly #reading = new Set<string>();
  readonly #readAt = new Map<string, number>();

  constructor(executors: Executors) {
    this.#executors = executors;
  }

  /** Starts a reading of each pool that is due; returns at once. */
  readDue(rollout: Rollout): void {
    for (const service of rollout.plan.fleet.services) {
      for (const balancer of service.pool?.balancers ?? [])
        this.#readIfDue(rollout, balancer, service.pool?.backend ?? '');
    }
  }

  #readIfDue(rollout: Rollout, balancer: HostId, backend: string): void {
    const key = `${balancer}/${backend}`;
    const { clock, timing } = this.#executors;
    const due = clock.monotonic() - (this.#readAt.get(key) ?? Number.NEGATIVE_INFINITY) >= timing.poolReadEveryMs;
    if (!due || this.#reading.has(key)) return;
    this.#reading.add(key);
    this.#readAt.set(key, clock.monotonic());
    void this.#read(rollout, balancer, backend).finally(() => this.#reading.delete(key));
  }

  async #read(rollout: Rollout, balancer: HostId, backend: string): Promise<void> {
    const host = this.#executors.hostOf(balancer);
    if (host === undefined) return;
    // The reading is as old as its question: what happened since may not be in it.
    const at = this.#executors.clock.now();
    const token = `${rollout.id}.${balancer}.show`;
    try {
      const reply = await askExecutor(this.#executors, rollout, host, readWithinMs, (frame) => ({
        ...{ v: 1, host: balancer, token, ...frame },
        ...{ verb: 'pool', action: { kind: 'show', backend } },
      }));
      if (reply.kind === 'shown') this.#executors.onPool(balancer, backend, reply.servers, at);
    } catch (error) {
      // No reading is the finding: the facts grow stale, and safety says so.
      if (!(error instanceof HostUnreachableError) && !(error instanceof ReplyLostError)) throw error;
    }
  }
}
