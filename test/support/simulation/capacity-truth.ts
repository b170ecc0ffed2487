import assert from 'node:assert/strict';
import type { Fleet, HostId, Service } from '../../../controller/core/fleet.ts';
import type { Group } from '../../../controller/core/plan.ts';
import type { FaultScript } from './faults.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A reading of a balancer or a group may be this old, and is made this often; then everybody can know that a host is down (ms). */
const seenWithinMs = 8000;
/** Where only the agent or the controller's own checks tell, their word counts for longer (ms). */
const seenLateWithinMs = 18_000;
const lookEveryMs = 250;

export interface TruthParts {
  readonly fleet: Fleet;
  readonly groups: readonly Group[];
  readonly hosts: ReadonlyMap<HostId, SimulatedHost>;
  readonly clock: VirtualClock;
  readonly faults: FaultScript;
  /** How long ago somebody set the controller's clock, less the step itself: until then facts may seem fresh that are not (ms). */
  readonly sinceClockStepMs: () => number;
}

/** Which hosts are really down, and for how long it could have been known. */
export class CapacityTruth {
  readonly #parts: TruthParts;
  readonly #sickSince = new Map<HostId, number>();

  constructor(parts: TruthParts) {
    this.#parts = parts;
    this.#look();
  }

  #look(): void {
    const { hosts, clock } = this.#parts;
    for (const [id, host] of hosts) {
      if (host.isHealthy) this.#sickSince.delete(id);
      else if (!this.#sickSince.has(id)) this.#sickSince.set(id, clock.now());
    }
    clock.at(clock.now() + lookEveryMs, () => this.#look());
  }

  /** Whoever takes one more away must count those that everybody could know to be down. `out`: hosts with a slot. */
  checkTaken(taken: HostId, out: readonly HostId[], what: string): void {
    for (const group of this.#parts.groups) {
      if (!(taken in group.members) || this.#isVoting(group)) continue;
      const away = new Set([...this.#knownDown(group), ...out.filter((host) => host in group.members)]);
      const hosts = [...away].join(', ');
      assert.ok(away.size <= group.maxOut, `${what} while ${hosts} are away and ${group.name} allows ${group.maxOut}`);
      const domains = new Set([...away].map((host) => group.members[host]));
      assert.ok(
        group.oneAtATime === null || domains.size <= 1,
        `${what} while ${hosts} are away, in ${domains.size} domains of ${group.name}`,
      );
    }
  }

  /** A group that votes has the budget of its live membership; QuorumTruth judges that. */
  #isVoting(group: Group): boolean {
    return this.#parts.fleet.services.some(({ name, quorum }) => name === group.name && quorum !== null);
  }

  #knownDown(group: Group): readonly HostId[] {
    const { hosts } = this.#parts;
    return [...this.#sickSince]
      .filter(([host, since]) => host in group.members && this.#isKnown(host, since, group))
      .map(([host]) => host)
      .filter((host) => hosts.get(host)?.isHealthy !== true);
  }

  #isKnown(host: HostId, sickSince: number, group: Group): boolean {
    const { clock, sinceClockStepMs } = this.#parts;
    const sickForMs = Math.min(clock.now() - sickSince, sinceClockStepMs());
    const services = this.#servicesIn(host, group);
    return (
      services.some((service) => this.#isToldByOthers(service, sickForMs)) ||
      services.some(({ checks }) => checks.length > 0 && sickForMs > seenLateWithinMs) ||
      this.#isToldByAgent(host, sickForMs)
    );
  }

  #servicesIn(host: HostId, group: Group): readonly Service[] {
    const { fleet, groups } = this.#parts;
    return fleet.services.filter(
      ({ name }) => group.services.includes(name) && groups.some((each) => each.name === name && host in each.members),
    );
  }

  #isToldByOthers({ pool, quorum }: Service, sickForMs: number): boolean {
    if (quorum !== null) return sickForMs > seenWithinMs;
    const { faults } = this.#parts;
    return (pool?.balancers ?? []).some(
      (balancer) => Math.min(sickForMs, faults.sinceMs('shows-old', balancer)) > seenWithinMs,
    );
  }

  /** An agent tells what its checks say, and falls silent with its host. */
  #isToldByAgent(host: HostId, sickForMs: number): boolean {
    const { faults, fleet, groups, hosts } = this.#parts;
    const isChecked = fleet.services.some(
      ({ name, checks }) => checks.length > 0 && groups.some((group) => group.name === name && host in group.members),
    );
    if (!isChecked && hosts.get(host)?.isReachable === true) return false;
    const hiddenMs = Math.min(faults.sinceMs('agent-lies', host), faults.sinceMs('beats-late', host));
    return Math.min(sickForMs, hiddenMs) > seenLateWithinMs;
  }
}
