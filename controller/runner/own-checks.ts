import type { Check, Host, HostId } from '../core/fleet.ts';
import type { Observation } from '../core/world.ts';
import type { Clock } from '../ports/clock.ts';
import type { Requester } from '../ports/requester.ts';

/** A health check that takes longer has failed. */
const checkDeadlineMs = 2000;

/** A host to look at, and what to ask it. */
export interface CheckedHost {
  readonly host: Host;
  readonly checks: readonly Check[];
  /** Pause between two looks (ms). */
  readonly everyMs: number;
}

/** The controller's own look at hosts: an agent's word alone puts nobody back into service, and vouches for nobody where no balancer does. */
export class OwnChecks {
  readonly #requester: Requester;
  readonly #clock: Clock;
  readonly #onObservation: (host: HostId, observation: Observation) => void;
  readonly #watched = new Map<HostId, { readonly everyMs: number; readonly stop: AbortController }>();

  constructor(requester: Requester, clock: Clock, onObservation: (host: HostId, observation: Observation) => void) {
    this.#requester = requester;
    this.#clock = clock;
    this.#onObservation = onObservation;
  }

  /** From now on exactly these hosts are checked. */
  watch(hosts: readonly CheckedHost[]): void {
    const wanted = new Map(hosts.map((each) => [each.host.id, each.everyMs]));
    for (const [id, { everyMs, stop }] of this.#watched) {
      if (wanted.get(id) === everyMs) continue;
      stop.abort();
      this.#watched.delete(id);
    }
    for (const each of hosts) {
      if (this.#watched.has(each.host.id)) continue;
      const stop = new AbortController();
      this.#watched.set(each.host.id, { everyMs: each.everyMs, stop });
      void this.#loop(each, stop.signal);
    }
  }

  async #loop(each: CheckedHost, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const at = this.#clock.now();
      const results = await Promise.all(
        each.checks.map((check) => this.#requester.check(each.host.address, check, checkDeadlineMs)),
      );
      const failed = results.find((result) => !result.passed);
      if (this.#watched.get(each.host.id)?.stop.signal !== signal) return;
      this.#onObservation(each.host.id, {
        at,
        bootId: null,
        passed: failed === undefined,
        detail: failed?.detail ?? '',
      });
      await this.#clock.sleep(Math.max(0, at + each.everyMs - this.#clock.now()), signal);
    }
  }
}
