import type { Fleet, Host, HostId } from '../../../controller/core/fleet.ts';
import type { Group } from '../../../controller/core/plan.ts';
import type { FaultScript } from './faults.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedBalancer } from './simulated-balancer.ts';
import type { Effect, Machine } from './simulated-host.ts';
import { SimulatedHost } from './simulated-host.ts';
import { SimulatedQuorum } from './simulated-quorum.ts';
import { runStep } from './simulated-steps.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface FleetParts {
  readonly fleet: Fleet;
  readonly hosts: readonly Host[];
  readonly groups: readonly Group[];
  readonly clock: VirtualClock;
  readonly faults: FaultScript;
  readonly random: SeededRandom;
  /** What is installed there. */
  readonly versionsOf: (host: HostId) => Readonly<Record<string, string>>;
  readonly machineOf: (host: HostId) => Machine;
  /** Members of quorum groups that have no vote. */
  readonly learners: readonly HostId[];
  readonly onEffect: (effect: Effect) => void;
}

export interface BuiltFleet {
  readonly hosts: ReadonlyMap<HostId, SimulatedHost>;
  /** By service. */
  readonly quorums: ReadonlyMap<string, SimulatedQuorum>;
}

/** The machines of a fleet, with the balancer programs and the quorum members that run on them. */
export function buildFleet(parts: FleetParts): BuiltFleet {
  const { fleet, clock, faults, random, learners } = parts;
  const hosts = new Map<HostId, SimulatedHost>();
  const quorums = new Map<string, SimulatedQuorum>();
  for (const host of parts.hosts) {
    const mine = (): SimulatedQuorum | null => [...quorums.values()].find((group) => group.has(host.id)) ?? null;
    hosts.set(host.id, buildHost(host, parts, hosts, mine));
  }
  for (const { name, quorum } of fleet.services) {
    if (quorum === null) continue;
    const members = membersOf(name, parts).flatMap((id) => hosts.get(id) ?? []);
    const roles = { learners, witnesses: quorum.witnesses };
    quorums.set(name, new SimulatedQuorum(members, clock, faults, random, roles));
  }
  return { hosts, quorums };
}

function membersOf(service: string, { groups }: FleetParts): readonly HostId[] {
  return Object.keys(groups.find((group) => group.name === service)?.members ?? {});
}

function buildHost(
  host: Host,
  parts: FleetParts,
  hosts: ReadonlyMap<HostId, SimulatedHost>,
  quorum: () => SimulatedQuorum | null,
): SimulatedHost {
  const { clock, faults, versionsOf, machineOf, onEffect } = parts;
  return new SimulatedHost({
    ...{ host, clock, faults, quorum, onEffect, runStep },
    ...{ versions: versionsOf(host.id), machine: machineOf(host.id) },
    balancer: buildBalancer(host.id, parts, hosts),
  });
}

function buildBalancer(
  id: HostId,
  parts: FleetParts,
  hosts: ReadonlyMap<HostId, SimulatedHost>,
): SimulatedBalancer | null {
  const { fleet, faults, clock } = parts;
  const backends = fleet.services.flatMap(({ name, pool }) =>
    pool?.balancers.includes(id) === true ? [[pool.backend, membersOf(name, parts)] as const] : [],
  );
  if (backends.length === 0) return null;
  return new SimulatedBalancer({
    backends: new Map(backends),
    now: () => clock.now(),
    seesHealthy: (server) => hosts.get(server)?.isHealthy === true && faults.find('server-unseen', server, id) === null,
    isListed: (server) => faults.find('not-in-pool', server, id) === null,
    showsOld: () => faults.holds('shows-old', id),
  });
}
