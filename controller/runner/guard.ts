import { canonicalHash } from '../../lib/canonical-hash.ts';
import { type Fleet, type Host, type HostId, type Service } from '../core/fleet.ts';
import { groupsOf, type ModelOf } from '../core/group.ts';
import { haltReason } from '../core/halt.ts';
import type { HostReport } from '../core/inventory.ts';
import type { LimitedHost } from '../core/limits.ts';
import type { Group, Plan } from '../core/plan.ts';
import { nothingQuarantined, type Quarantine, type QuarantinedVersion } from '../core/quarantine.ts';
import { versionKey } from '../core/versioned-package.ts';
import { openFailures, type Rollout } from '../core/rollout.ts';
import { isAgentSilent } from '../core/serving.ts';
import type { Timing } from '../core/timing.ts';
import type { FleetFacts, Halt, HostFacts, Slot, World } from '../core/world.ts';
import type { Clock } from '../ports/clock.ts';
import type { LimitsSource } from '../ports/limits-source.ts';

/** The fleet file is looked at this often while a rollout runs (ms). */
const fleetReadEveryMs = 2000;

export interface GuardParts {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly limits: LimitsSource;
  readonly hosts: () => readonly Host[];
  readonly readFleet: () => Promise<Fleet>;
  /** Something changed that a decision may wait for. */
  readonly onFact: () => void;
}

/** What stands apart from any plan: the halt, the quarantine, the limits and what they are judged by, and the fleet as it is now. */
export class Guard {
  readonly #parts: GuardParts;
  readonly #reports = new Map<HostId, HostReport>();
  #halt: Halt | null = null;
  #quarantine: Quarantine = nothingQuarantined;
  #fleet: FleetFacts | null = null;
  #fleetReadAt = Number.NEGATIVE_INFINITY;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  setHalt(halt: Halt | null): void {
    this.#halt = halt;
    this.#parts.onFact();
  }

  setQuarantine(versions: readonly QuarantinedVersion[]): void {
    this.#quarantine = new Map(versions.map((each) => [versionKey(each), each]));
    this.#parts.onFact();
  }

  addQuarantine(versions: readonly QuarantinedVersion[]): void {
    if (versions.length > 0) this.setQuarantine([...versions, ...this.#quarantine.values()]);
  }

  recordReport(host: HostId, report: HostReport): void {
    this.#reports.set(host, report);
  }

  /** The hardware model of a host by its last report. */
  modelOf(host: HostId): string {
    return this.#reports.get(host)?.hardwareModel ?? '';
  }

  /** Nothing disruptive may be sent now, whatever was committed before. */
  isHalted(): boolean {
    return haltReason({ halt: this.#halt, limits: this.#parts.limits.read() }) !== null;
  }

  /** What the guard adds to a snapshot. `recent`: open rollouts and those that ended within the limits' times. */
  facts(
    hosts: ReadonlyMap<HostId, HostFacts>,
    slots: readonly Slot[],
    recent: readonly Rollout[],
  ): Pick<World, 'halt' | 'quarantine' | 'limits' | 'limiterFacts' | 'fleet'> {
    const out = new Set(slots.map((slot) => slot.host));
    return {
      halt: this.#halt,
      quarantine: this.#quarantine,
      limits: this.#parts.limits.read(),
      limiterFacts: {
        hosts: new Map(this.#parts.hosts().map((host) => [host.id, this.#limited(host, hosts.get(host.id), out)])),
        rebootsAt: recent.flatMap((rollout) =>
          [...rollout.hosts.values()].flatMap(({ rebootedAt }) => (rebootedAt === null ? [] : [rebootedAt])),
        ),
        failures: recent.flatMap((rollout) => openFailures(rollout)),
      },
      fleet: this.#fleet,
    };
  }

  #limited(host: Host, facts: HostFacts | undefined, out: ReadonlySet<HostId>): LimitedHost {
    const report = this.#reports.get(host.id);
    return {
      labels: host.labels,
      ownLabels: report?.labels ?? null,
      hardwareModel: report?.hardwareModel ?? '',
      silent:
        !out.has(host.id) && (facts === undefined || isAgentSilent(facts, this.#parts.timing, this.#parts.clock.now())),
    };
  }

  /** Compares the fleet as it is now with the plans that are being carried out, when that is due; returns at once. */
  watchFleet(rollouts: readonly Rollout[]): void {
    const { clock } = this.#parts;
    if (rollouts.length === 0 || clock.monotonic() - this.#fleetReadAt < fleetReadEveryMs) return;
    this.#fleetReadAt = clock.monotonic();
    void this.#readFleet(rollouts.map(({ id, plan }) => ({ id, plan })));
  }

  async #readFleet(rollouts: readonly { readonly id: string; readonly plan: Plan }[]): Promise<void> {
    const before = this.#fleet;
    try {
      const fleet = await this.#parts.readFleet();
      const hosts = this.#parts.hosts();
      const modelOf = this.modelOf.bind(this);
      const hash = canonicalHash([fleet, groupsOf(fleet, hosts, modelOf)]);
      const changes = rollouts.flatMap(({ id, plan }) => {
        const change = hash === plannedHash(plan) ? null : fleetDifference(plan, fleet, hosts, modelOf);
        return change === null ? [] : [[id, change] as const];
      });
      this.#fleet = { hash, changes: new Map(changes) };
    } catch (error) {
      const detail = `it cannot be read (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})`;
      this.#fleet = { hash: '', changes: new Map(rollouts.map(({ id }) => [id, detail])) };
    }
    if (this.#fleet.hash !== before?.hash) this.#parts.onFact();
  }
}

const plannedHashes = new WeakMap<Plan, string>();

/** Of the fleet that a plan was made for; a plan is compared with every few seconds and never changes. */
function plannedHash(plan: Plan): string {
  const hash = plannedHashes.get(plan) ?? canonicalHash([plan.fleet, plan.groups]);
  plannedHashes.set(plan, hash);
  return hash;
}

/** What is different now from what a plan was made for, in words; null: nothing that matters to it. */
export function fleetDifference(plan: Plan, fleet: Fleet, hosts: readonly Host[], modelOf: ModelOf): string | null {
  const groups = groupsOf(fleet, hosts, modelOf);
  if (canonicalHash([fleet, groups]) === plannedHash(plan)) return null;
  const services = new Set([...fleet.services, ...plan.fleet.services].map((service) => service.name));
  const parts = [
    ...[...services]
      .filter((name) => differs(named(fleet.services, name), named(plan.fleet.services, name)))
      .map((name) => `service ${name}`),
    ...(differs(fleet.budgets, plan.fleet.budgets) ? ['budgets'] : []),
    ...(differs(fleet.policy, plan.fleet.policy) ? ['policy'] : []),
    ...(differs(fleet.topology, plan.fleet.topology) ? ['topology'] : []),
    ...(groups.some((group) => hasOtherMembers(group, plan.groups)) ? ['hosts or their labels'] : []),
  ];
  return parts.length === 0 ? 'its name' : parts.join(', ');
}

/** Who is in a group of that name and where; the rest of a group is what the file says. */
function hasOtherMembers({ name, members, spareDomains }: Group, planned: readonly Group[]): boolean {
  const other = planned.find((group) => group.name === name);
  return other !== undefined && differs([members, spareDomains], [other.members, other.spareDomains]);
}

function named(services: readonly Service[], name: string): Service | null {
  return services.find((service) => service.name === name) ?? null;
}

function differs(one: unknown, other: unknown): boolean {
  return canonicalHash(one) !== canonicalHash(other);
}
