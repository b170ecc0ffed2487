import type { HostId } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
import { HostUnreachableError, ReplyLostError } from '../ports/host-shell.ts';
import { askExecutor, type Executors } from './executors.ts';

/** An executor that needs longer proves nothing. */
const askWithinMs = 10_000;

/** What an executor said of its host. */
export interface ShellWord {
  readonly at: number;
  readonly bootId: string;
}

/** Asks over SSH which boot a host is on, where its agent is silent: an agent that died must not stop a rollout of hosts that are fine. */
export class SilentAgents {
  readonly #executors: Executors;
  readonly #onWord: () => void;
  readonly #words = new Map<HostId, ShellWord>();
  readonly #askedAt = new Map<HostId, number>();

  constructor(executors: Executors, onWord: () => void) {
    this.#executors = executors;
    this.#onWord = onWord;
  }

  words(): ReadonlyMap<HostId, ShellWord> {
    return this.#words;
  }

  /** Asks each of these hosts that is due, by the order of its rollout, and forgets all others; returns at once. */
  ask(hosts: ReadonlyMap<HostId, Rollout>): void {
    for (const known of this.#words.keys()) if (!hosts.has(known)) this.#words.delete(known);
    const { clock, timing } = this.#executors;
    for (const [host, rollout] of hosts) {
      if (clock.monotonic() - (this.#askedAt.get(host) ?? Number.NEGATIVE_INFINITY) < timing.ownLookEveryMs) continue;
      this.#askedAt.set(host, clock.monotonic());
      void this.#ask(rollout, host);
    }
  }

  async #ask(rollout: Rollout, id: HostId): Promise<void> {
    const { clock, hostOf } = this.#executors;
    const host = hostOf(id);
    if (host === undefined) return;
    const at = clock.now();
    try {
      const reply = await askExecutor(this.#executors, rollout, host, askWithinMs, (frame) => ({
        ...{ v: 1, host: id, token: `${rollout.id}.${id}.boot`, ...frame },
        ...{ verb: 'status', of: null, waitMs: 0 },
      }));
      if (reply.kind !== 'absent') return;
      this.#words.set(id, { at, bootId: reply.bootId });
      this.#onWord();
    } catch (error) {
      // No word is the finding: then nobody vouches for the host.
      if (!(error instanceof HostUnreachableError) && !(error instanceof ReplyLostError)) throw error;
    }
  }
}
