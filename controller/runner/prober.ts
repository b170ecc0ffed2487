import type { RolloutFact } from '../core/event.ts';
import { canonicalJson } from '../../lib/canonical-hash.ts';
import type { Probe, Service } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
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
  /** Does a host of this rollout hold a slot right now? */
  readonly isSomebodyOut: (rollout: string) => boolean;
}

type Counts = Extract<RolloutFact, { kind: 'probed' }>;

/**
 * Sends each probed service requests as a user would, open loop: a request is due at its time whatever became of those before.
 * Odd ones reuse a connection, even ones make a new one. A service of several rollouts is probed once, and counts for each of them.
 */
export class Prober {
  readonly #ports: ProberPorts;
  /** By service. */
  readonly #loops = new Map<string, Loop>();
  /** By rollout, then by service. */
  readonly #counts = new Map<string, Map<string, Counts>>();

  constructor(ports: ProberPorts) {
    this.#ports = ports;
  }

  /** From now on exactly the probed services of these rollouts are probed. Where their fleets differ, the first one's probe counts. */
  watch(rollouts: readonly Pick<Rollout, 'id' | 'plan'>[]): void {
    const wanted = new Map<string, Probe>();
    for (const [id, services] of rollouts.map((each) => [each.id, probedServices(each)] as const)) {
      this.#countFor(id, [...services.keys()]);
      for (const [service, probe] of services) if (!wanted.has(service)) wanted.set(service, probe);
    }
    for (const id of this.#counts.keys()) if (!rollouts.some((each) => each.id === id)) this.#counts.delete(id);
    for (const [service, { probe, stop }] of this.#loops) {
      if (canonicalJson(wanted.get(service) ?? null) === canonicalJson(probe)) continue;
      stop.abort();
      this.#loops.delete(service);
    }
    for (const [service, probe] of wanted) if (!this.#loops.has(service)) this.#begin(service, probe);
  }

  #countFor(rollout: string, services: readonly string[]): void {
    if (this.#counts.has(rollout)) return;
    const now = this.#ports.clock.now();
    this.#counts.set(rollout, new Map(services.map((service) => [service, emptyCounts(service, now)])));
  }

  #begin(service: string, probe: Probe): void {
    const stop = new AbortController();
    this.#loops.set(service, { probe, stop });
    void this.#loop(service, probe, stop.signal);
  }

  /** What was seen since the last call, for the journal of this rollout; empty until it is worth a write, unless `all`. */
  takeCounts(rollout: string, all: boolean): readonly RolloutFact[] {
    const now = this.#ports.clock.now();
    const counts = this.#counts.get(rollout) ?? new Map<string, Counts>();
    const due = [...counts.values()].filter((each) => all || now - each.from >= flushEveryMs);
    for (const each of due) counts.set(each.service, emptyCounts(each.service, now));
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
    const asking = [...this.#counts.keys()].map((rollout) => ({ rollout, isOut: this.#ports.isSomebodyOut(rollout) }));
    const failure = await this.#send(service, probe, index);
    if (signal.aborted) return;
    for (const { rollout, isOut } of asking) {
      const counts = this.#counts.get(rollout)?.get(service);
      if (counts !== undefined) this.#counts.get(rollout)?.set(service, counted(counts, failure !== null, isOut));
    }
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

/** One service being probed. */
interface Loop {
  readonly probe: Probe;
  readonly stop: AbortController;
}

function probedServices({ plan }: Pick<Rollout, 'plan'>): ReadonlyMap<string, Probe> {
  return new Map(plan.fleet.services.flatMap(({ name, probe }) => (probe === null ? [] : [[name, probe]])));
}

function counted(counts: Counts, hasFailed: boolean, whileOut: boolean): Counts {
  return {
    ...counts,
    sent: counts.sent + 1,
    failed: counts.failed + (hasFailed ? 1 : 0),
    sentWhileOut: counts.sentWhileOut + (whileOut ? 1 : 0),
  };
}

function emptyCounts(service: string, from: number): Counts {
  return { kind: 'probed', service, from, to: from, sent: 0, failed: 0, sentWhileOut: 0 };
}
