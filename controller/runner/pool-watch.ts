import type { HostId } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Timing } from '../core/timing.ts';
import type { Clock } from '../ports/clock.ts';
import { type HostShell, HostUnreachableError, ReplyLostError } from '../ports/host-shell.ts';
import type { Signer } from '../ports/signer.ts';
import type { Host } from '../core/fleet.ts';
import type { PoolServer } from '../../proto/zdms/v1/executor.ts';
import { orderFor } from './orders.ts';

/** A reading older than this when it arrives says nothing any more. */
const readWithinMs = 3000;

export interface PoolWatchPorts {
  readonly shell: HostShell;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly epoch: number;
  readonly hostOf: (id: HostId) => Host | undefined;
  readonly onPool: (balancer: HostId, backend: string, servers: readonly PoolServer[], at: number) => void;
}

/** Keeps the readings of all balancers of a rollout's fleet fresh, each by its own pace, so that a slow one delays no other. */
export class PoolWatch {
  readonly #ports: PoolWatchPorts;
  readonly #reading = new Set<string>();
  readonly #readAt = new Map<string, number>();

  constructor(ports: PoolWatchPorts) {
    this.#ports = ports;
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
    const { clock, timing } = this.#ports;
    const due = clock.monotonic() - (this.#readAt.get(key) ?? Number.NEGATIVE_INFINITY) >= timing.poolReadEveryMs;
    if (!due || this.#reading.has(key)) return;
    this.#reading.add(key);
    this.#readAt.set(key, clock.monotonic());
    void this.#read(rollout, balancer, backend).finally(() => this.#reading.delete(key));
  }

  async #read(rollout: Rollout, balancer: HostId, backend: string): Promise<void> {
    const { shell, signer, clock, epoch, timing } = this.#ports;
    const host = this.#ports.hostOf(balancer);
    if (host === undefined) return;
    const order = signer.signOrder(orderFor(rollout, balancer, timing));
    const at = clock.now();
    const token = `${rollout.id}.${balancer}.show`;
    const request = signer.signRequest({
      v: 1,
      host: balancer,
      orderHash: order.hash,
      token,
      epoch,
      issuedAt: at,
      verb: 'pool',
      action: { kind: 'show', backend },
    });
    try {
      const reply = await shell.send(host, { order: order.signed, request }, readWithinMs);
      // The reading is as old as its question: what happened since may not be in it.
      if (reply.kind === 'shown') this.#ports.onPool(balancer, backend, reply.servers, at);
    } catch (error) {
      // No reading is the finding: the facts grow stale, and safety says so.
      if (!(error instanceof HostUnreachableError) && !(error instanceof ReplyLostError)) throw error;
    }
  }
}
