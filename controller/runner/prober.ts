import type { RolloutFact } from '../core/event.ts';
import type { Probe, Service } from '../core/fleet.ts';
import type { ProbeFailure } from '../core/world.ts';
import type { Clock } from '../ports/clock.ts';
import type { Requester } from '../ports/requester.ts';

/** Counts are written down this often: what a crash may lose of them (ms). */
const flushEveryMs = 2000;

export interface ProberPorts {
  readonly requester: Requester;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly onFailure: (failure: ProbeFailure) => void;
  /** Does a host hold a slot right now? */
  readonly isSomebodyOut: () => boolean;
}

type Counts = Extract<RolloutFact, { kind: 'probed' }>;

/**
 * Sends each probed service requests as a user would, open loop: a request is due at its time whatever became of those before.
 * Odd ones reuse a connection, even ones make a new one.
 */
export class Prober {
  readonly #ports: ProberPorts;
  readonly #counts = new Map<string, Counts>();
  #stop: AbortController | null = null;

  constructor(ports: ProberPorts) {
    this.#ports = ports;
  }

  /** Begins to probe these services; does nothing while it already does. */
  start(services: readonly Service[]): void {
    if (this.#stop !== null) return;
    this.#stop = new AbortController();
    for (const service of services) {
      if (service.probe === null) continue;
      this.#counts.set(service.name, emptyCounts(service.name, this.#ports.clock.now()));
      void this.#loop(service.name, service.probe, this.#stop.signal);
    }
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#counts.clear();
  }

  /** What was seen since the last call, for the journal; empty until it is worth a write, unless `all`. */
  takeCounts(all: boolean): readonly RolloutFact[] {
    const now = this.#ports.clock.now();
    const due = [...this.#counts.values()].filter((each) => all || now - each.from >= flushEveryMs);
    for (const each of due) this.#counts.set(each.service, emptyCounts(each.service, now));
    return due.map((each) => ({ ...each, to: now }));
  }

  /** Probes for `ms` and returns the failures; used before a rollout starts. */
  async trial(services: readonly Service[], ms: number): Promise<readonly ProbeFailure[]> {
    const failures = await Promise.all(
      services.map(async ({ name, probe }) => {
        if (probe === null) return [];
        const count = Math.max(probe.urls.length, Math.ceil((ms / 1000) * probe.perSecond));
        const sent = Array.from({ length: count }, async (_, index) => {
          await this.#ports.clock.sleep((index * 1000) / probe.perSecond);
          return this.#send(name, probe, index);
        });
        return (await Promise.all(sent)).filter((each) => each !== null);
      }),
    );
    return failures.flat();
  }

  async #loop(service: string, probe: Probe, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const startedAt = clock.monotonic();
    for (let index = 0; ; index += 1) {
      await clock.sleep(Math.max(0, startedAt + (index * 1000) / probe.perSecond - clock.monotonic()), signal);
      if (signal.aborted) return;
      void this.#count(service, probe, index, signal);
    }
  }

  async #count(service: string, probe: Probe, index: number, signal: AbortSignal): Promise<void> {
    const whileOut = this.#ports.isSomebodyOut();
    const failure = await this.#send(service, probe, index);
    const counts = this.#counts.get(service);
    if (signal.aborted || counts === undefined) return;
    this.#counts.set(service, {
      ...counts,
      sent: counts.sent + 1,
      failed: counts.failed + (failure === null ? 0 : 1),
      sentWhileOut: counts.sentWhileOut + (whileOut ? 1 : 0),
    });
    if (failure !== null) this.#ports.onFailure(failure);
  }

  async #send(service: string, probe: Probe, index: number): Promise<ProbeFailure | null> {
    const url = probe.urls[index % probe.urls.length] ?? '';
    const at = this.#ports.clock.now();
    // Every url gets both kinds of connection, whatever their number.
    const keepAlive = Math.floor(index / probe.urls.length) % 2 === 1;
    const result = await this.#ports.requester.get(url, { deadlineMs: this.#ports.deadlineMs, keepAlive });
    if (result.status >= 200 && result.status < 400) return null;
    return {
      service,
      at,
      server: result.server,
      detail: result.status === 0 ? result.detail : `status ${result.status}`,
    };
  }
}

function emptyCounts(service: string, from: number): Counts {
  return { kind: 'probed', service, from, to: from, sent: 0, failed: 0, sentWhileOut: 0 };
}
