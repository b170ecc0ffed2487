import { type Check, checkName, type Fleet, type Host, type HostId, selectHosts } from '../core/fleet.ts';
import type { HostReport } from '../core/inventory.ts';
import type { HostProgress, Rollout } from '../core/rollout.ts';
import type { Timing } from '../core/timing.ts';
import {
  type HostFacts,
  type Observation,
  observationsKept,
  type PoolFacts,
  poolKey,
  type ProbeFailure,
  type Slot,
  type World,
} from '../core/world.ts';
import type { PoolServer } from '../../proto/zdms/v1/executor.ts';
import type { AgentSettings, Beat, TelemetryListener } from '../ports/telemetry.ts';

import type { ShellWord } from './silent-agents.ts';

/** What the board tells others about. */
export interface BoardEvents {
  /** Something arrived that a decision may wait for. */
  readonly onFact: () => void;
  /** A full report arrived; it is worth keeping. */
  readonly onReport: (host: HostId, report: HostReport) => void;
}

/** The newest facts about hosts and pools, in memory: after a restart they are asked for again, never trusted from disk. */
export class FactsBoard implements TelemetryListener {
  readonly #timing: Timing;
  readonly #events: BoardEvents;
  /** Of every host that was heard or checked, but for what executors say. */
  readonly #facts = new Map<HostId, HostFacts>();
  readonly #pools = new Map<string, PoolFacts>();
  readonly #hosts = new Map<HostId, Host>();
  /** Of each host that was asked for since the fleet was set. */
  readonly #checks = new Map<HostId, readonly Check[]>();
  #fleet: Fleet | null = null;
  #fastBeats: ReadonlySet<HostId> = new Set();
  #probeFailures: readonly ProbeFailure[] = [];
  #push: (hosts: readonly HostId[]) => void = () => undefined;

  constructor(timing: Timing, events: BoardEvents) {
    this.#timing = timing;
    this.#events = events;
  }

  /** Tells the board what the fleet is now: agents get the checks of the services their hosts are members of. */
  setFleet(fleet: Fleet, hosts: readonly Host[]): void {
    this.#fleet = fleet;
    this.#hosts.clear();
    this.#checks.clear();
    for (const host of hosts) this.#hosts.set(host.id, host);
    this.#push(hosts.map((host) => host.id));
  }

  /** Hosts that beat fast from now on; all others beat at their ordinary pace. */
  setFastBeats(hosts: ReadonlySet<HostId>): void {
    const changed = [...hosts, ...this.#fastBeats].filter((host) => hosts.has(host) !== this.#fastBeats.has(host));
    this.#fastBeats = hosts;
    if (changed.length > 0) this.#push([...new Set(changed)]);
  }

  onBeat(host: HostId, beat: Beat): void {
    const failed = this.checksOf(host).find(
      (check) => beat.checks.find((each) => each.name === checkName(check))?.passed !== true,
    );
    const detail = failed === undefined ? '' : failureText(checkName(failed), beat);
    const observation: Observation = { at: beat.receivedAt, bootId: beat.bootId, passed: failed === undefined, detail };
    const old = this.#factsOf(host);
    const kept = old.bootId === beat.bootId ? old.beats : [];
    const beats = [...kept, observation].slice(-observationsKept);
    this.#facts.set(host, { ...old, observedAt: observation.at, bootId: beat.bootId, beats });
    if (beat.report !== null) this.#events.onReport(host, beat.report);
    this.#tellNews(host, observation, kept.at(-1));
  }

  /** One more beat like those before of a host that nobody is at work on changes no decision, and large fleets beat all the time. */
  #tellNews(host: HostId, { at, passed }: Observation, before: Observation | undefined): void {
    const isNews = before?.passed !== passed || at - before.at > this.#timing.reportStaleMs;
    if (isNews || this.#fastBeats.has(host)) this.#events.onFact();
  }

  settingsFor(host: HostId): AgentSettings {
    const beatEveryMs = this.#fastBeats.has(host) ? this.#timing.beatWhileOutMs : this.#timing.beatMs;
    return { beatEveryMs, fleetSize: this.#hosts.size, checks: this.checksOf(host) };
  }

  onSettingsChanged(push: (hosts: readonly HostId[]) => void): void {
    this.#push = push;
  }

  /** Checks of all services that the host is a member of, each once. */
  checksOf(host: HostId): readonly Check[] {
    const found = this.#checks.get(host);
    const known = this.#hosts.get(host);
    if (found !== undefined || known === undefined || this.#fleet === null) return found ?? [];
    const services = this.#fleet.services.filter((service) => selectHosts(service.hosts, [known]).length > 0);
    const checks = services.flatMap((service) => service.checks);
    const once = [...new Map(checks.map((check) => [checkName(check), check])).values()];
    this.#checks.set(host, once);
    return once;
  }

  /** When the host's agent was heard last; null: not since this controller started. */
  lastBeatAt(host: HostId): number | null {
    return this.#factsOf(host).beats.at(-1)?.at ?? null;
  }

  recordOwnCheck(host: HostId, observation: Observation): void {
    const old = this.#factsOf(host);
    this.#facts.set(host, { ...old, ownChecks: [...old.ownChecks, observation].slice(-observationsKept) });
    this.#tellNews(host, observation, old.ownChecks.at(-1));
  }

  recordPool(balancer: HostId, backend: string, servers: readonly PoolServer[], observedAt: number): void {
    const known = this.#pools.get(poolKey(balancer, backend));
    // Overtaken by a newer one; one that is newer by far is from before the clock was set back.
    const newerByMs = (known?.observedAt ?? 0) - observedAt;
    if (newerByMs > 0 && newerByMs <= this.#timing.poolStaleMs) return;
    this.#pools.set(poolKey(balancer, backend), {
      observedAt,
      servers: new Map(servers.map((each) => [each.server, each])),
    });
    this.#events.onFact();
  }

  recordProbeFailure(failure: ProbeFailure): void {
    // The first one pauses whatever runs; more of them would only grow.
    if (this.#probeFailures.length < observationsKept) this.#probeFailures = [...this.#probeFailures, failure];
    this.#events.onFact();
  }

  forgetProbeFailures(): void {
    this.#probeFailures = [];
  }

  /** One snapshot of everything, with the slots and the effects of all open rollouts. */
  world(
    slots: readonly Slot[],
    rollouts: readonly Rollout[],
    overShell: ReadonlyMap<HostId, ShellWord>,
  ): Omit<World, 'quorums' | 'halt' | 'quarantine' | 'limits' | 'limiterFacts' | 'fleet'> {
    const progress = rollouts.flatMap((rollout) => [...rollout.hosts.values()]);
    const hosts = new Map(this.#facts);
    for (const [host, word] of overShell) hosts.set(host, { ...this.#factsOf(host), overShell: word });
    return {
      hosts,
      pools: new Map(this.#pools),
      slots,
      rollouts,
      lastEffectAt: lastEffects(progress),
      // Only while it is ours: a host that reboots by itself before or after is on its current boot all the same.
      bootIds: new Map(
        progress.flatMap((each) =>
          each.bootId === null || each.slotTakenAt === null ? [] : [[each.host, each.bootId]],
        ),
      ),
      obligations: rollouts.flatMap((rollout) =>
        [...rollout.obligations.values()].map(({ host, balancer }) => ({ host, balancer })),
      ),
      probeFailures: this.#probeFailures,
    };
  }

  #factsOf(host: HostId): HostFacts {
    return this.#facts.get(host) ?? unheard;
  }
}

/** What is known of a host before anybody has said anything of it. */
const unheard: HostFacts = { observedAt: 0, bootId: '', beats: [], ownChecks: [], overShell: null };

/** A host may be in several rollouts: the newest effect of any of them counts. */
function lastEffects(progress: readonly HostProgress[]): ReadonlyMap<HostId, number> {
  const newest = new Map<HostId, number>();
  for (const { host, lastEffectAt } of progress)
    if (lastEffectAt !== null) newest.set(host, Math.max(lastEffectAt, newest.get(host) ?? lastEffectAt));
  return newest;
}

function failureText(name: string, beat: Beat): string {
  const result = beat.checks.find((each) => each.name === name);
  return result === undefined ? `check ${name} has no result` : `check ${name} failed: ${result.detail}`;
}
