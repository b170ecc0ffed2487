import type { Change } from '../../controller/core/change.ts';
import type { Fleet, Host, HostId, Service } from '../../controller/core/fleet.ts';
import { defaultSpare, votersKept } from '../../controller/core/quorum.ts';
import type { QuorumFacts, QuorumMemberFacts } from '../../controller/core/world.ts';
import { hostOf, shop, upgrade, oneStage } from './world-of.ts';

/** One member of a quorum group in each of three zones, then again from the first. `group`: also its role. */
export function etcdHosts(count: number, group = 'etcd'): readonly Host[] {
  return Array.from({ length: count }, (_, index) => {
    const zone = ['a', 'b', 'c'][index % 3] ?? 'a';
    return hostOf(`${group}-${index + 1}`, { zone, rack: `${zone}${Math.floor(index / 3) + 2}`, role: group });
  });
}

/** A group of so many voters. */
export function etcdOf(size: number, group = 'etcd'): Service {
  return {
    name: group,
    hosts: { kind: 'labels', labels: { role: group } },
    size,
    maxOut: size - votersKept(size, defaultSpare),
    quorum: { kind: 'etcd', spare: defaultSpare, witnesses: [] },
    oneAtATime: 'rack',
    pool: null,
    probe: null,
    checks: [{ kind: 'tcp', port: 2379 }],
    after: [],
  };
}

/** A fleet of these services and nothing else. */
export function fleetOf(...services: readonly Service[]): Fleet {
  return { ...shop, services };
}

/** All hosts in one stage. */
export const upgradeAll: Change = {
  ...upgrade,
  where: { kind: 'all' },
  stages: oneStage,
};

/** How a group differs from one in which everybody is well and the first one leads. */
export interface GroupLook {
  readonly leader?: HostId | null;
  /** Whom all others call unhealthy. */
  readonly sick?: readonly HostId[];
  /** Who says nothing when asked. */
  readonly silent?: readonly HostId[];
  readonly lag?: Readonly<Record<HostId, number | null>>;
  readonly learners?: readonly HostId[];
  /** Members that no host of the fleet is known for. */
  readonly strangers?: readonly QuorumMemberFacts[];
}

export function member(name: string, overrides: Partial<QuorumMemberFacts> = {}): QuorumMemberFacts {
  return { name, voter: true, healthy: true, leader: false, lag: 0, detail: '', ...overrides };
}

/** What every member says of the group, all at the same moment. */
export function groupReadings(
  hosts: readonly Host[],
  at: number,
  look: GroupLook = {},
): ReadonlyMap<HostId, QuorumFacts> {
  const leader = look.leader === undefined ? hosts[0]?.id : look.leader;
  const members = hosts.map(({ id }) =>
    member(id, {
      voter: look.learners?.includes(id) !== true,
      healthy: look.sick?.includes(id) !== true,
      leader: id === leader,
      lag: look.lag?.[id] === undefined ? 0 : look.lag[id],
      detail: look.sick?.includes(id) === true ? 'it does not answer' : '',
    }),
  );
  const facts = { observedAt: at, members: [...members, ...(look.strangers ?? [])] };
  const asked = hosts.filter(({ id }) => look.silent?.includes(id) !== true);
  return new Map(asked.map(({ id }) => [id, facts]));
}
