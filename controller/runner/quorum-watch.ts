import type { HostId, Service } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
import { HostUnreachableError, ReplyLostError } from '../ports/host-shell.ts';
import { askExecutor, type Executors } from './executors.ts';

/** A member that needs longer says nothing that is worth waiting for. */
const readWithinMs = 3000;

/** Keeps the word of every member of the quorum groups of a rollout's fleet fresh, each by its own pace. */
export class QuorumWatch {
  readonly #executors: Executors;
  readonly #reading = new Set<HostId>();
  readonly #readAt = new Map<HostId, number>();

  constructor(executors: Executors) {
    this.#executors = executors;
  }

  /** Starts a reading of each member that is due; returns at once. */
  readDue(rollout: Rollout): void {
    for (const service of rollout.plan.fleet.services) {
      if (service.quorum === null) continue;
      const group = rollout.plan.groups.find((each) => each.name === service.name);
      for (const member of Object.keys(group?.members ?? {})) this.#readIfDue(rollout, service, member);
    }
  }

  #readIfDue(rollout: Rollout, service: Service, member: HostId): void {
    const { clock, timing } = this.#executors;
    const readAt = this.#readAt.get(member) ?? Number.NEGATIVE_INFINITY;
    if (clock.monotonic() - readAt < timing.quorumReadEveryMs || this.#reading.has(member)) return;
    this.#reading.add(member);
    this.#readAt.set(member, clock.monotonic());
    void this.#read(rollout, service, member).finally(() => this.#reading.delete(member));
  }

  async #read(rollout: Rollout, service: Service, member: HostId): Promise<void> {
    const { clock, hostOf, onQuorum } = this.#executors;
    const host = hostOf(member);
    if (host === undefined) return;
    // As old as its question: what happened since may not be in it.
    const at = clock.now();
    const token = `${rollout.id}.${member}.members`;
    try {
      const reply = await askExecutor(this.#executors, rollout, host, readWithinMs, (frame) => ({
        ...{ v: 1, host: member, token, ...frame },
        ...{ verb: 'quorum', action: { kind: 'show' } },
      }));
      if (reply.kind === 'members') onQuorum(service.name, member, reply.members, at);
    } catch (error) {
      // No reading is the finding: the facts grow stale, and safety says so.
      if (!(error instanceof HostUnreachableError) && !(error instanceof ReplyLostError)) throw error;
    }
  }
}
