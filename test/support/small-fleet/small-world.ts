import type { Fleet, Host, Service } from '../../../controller/core/fleet.ts';
import { groupsOf } from '../../../controller/core/group.ts';
import { defaultTiming } from '../../../controller/core/timing.ts';
import {
  type HostFacts,
  poolKey,
  type QuorumFacts,
  type QuorumMemberFacts,
  type ServerFacts,
  type World,
} from '../../../controller/core/world.ts';
import { goodServer, hostOf, noon, shop, worldOf } from '../world-of.ts';
import type { SmallFleet, SmallHost, SmallReading, SmallService, Word } from './small-fleet.ts';

/** A small fleet as core takes it. */
export interface SmallWorld {
  readonly rules: {
    readonly fleet: Fleet;
    readonly groups: ReturnType<typeof groupsOf>;
    readonly timing: typeof defaultTiming;
  };
  readonly hosts: readonly Host[];
  readonly world: World;
}

/** Writes a small fleet down in the types of core, as it stands at `noon`. */
export function smallWorld(small: SmallFleet): SmallWorld {
  const hosts = small.hosts.map((host) => hostOf(host.id, labelsOf(host, small.services)));
  const fleet: Fleet = {
    ...shop,
    topology: small.topology,
    services: small.services.map(serviceFrom),
    budgets: small.budgets,
  };
  const models = new Map(small.hosts.map((host) => [host.id, host.model]));
  const groups = groupsOf(fleet, hosts, (host) => models.get(host) ?? '');
  return { rules: { fleet, groups, timing: defaultTiming }, hosts, world: worldFrom(small, hosts) };
}

function labelsOf({ id, labels }: SmallHost, services: readonly SmallService[]): Record<string, string> {
  const roles = services
    .filter(({ members }) => members.includes(id))
    .map(({ name }) => [`is-${name}`, 'yes'] as const);
  return { ...labels, ...Object.fromEntries(roles) };
}

function serviceFrom(small: SmallService): Service {
  const { name, members, missing, maxOut, oneAtATime, checked, selectedBy, pool, group } = small;
  return {
    ...{ name, maxOut, oneAtATime, probe: null, after: [] },
    hosts: selectedBy === 'ids' ? { kind: 'ids', ids: members } : { kind: 'labels', labels: { [`is-${name}`]: 'yes' } },
    size: members.length + missing,
    checks: checked ? [{ kind: 'tcp', port: 80 }] : [],
    pool: pool === null ? null : { kind: 'haproxy', balancers: pool.map((each) => each.id), backend: name },
    quorum: group === null ? null : { kind: 'etcd', spare: group.spare, witnesses: group.witnesses },
  };
}

function worldFrom(small: SmallFleet, members: readonly Host[]): World {
  const effects = small.hosts.flatMap(({ id, effectAge }) =>
    effectAge === null ? [] : [[id, noon - effectAge] as const],
  );
  const boots = small.hosts.flatMap(({ id, knownBoot }) => (knownBoot === null ? [] : [[id, knownBoot] as const]));
  const slots = small.hosts.flatMap(({ id, slot }) =>
    slot === null ? [] : [{ host: id, rollout: slot, takenAt: noon }],
  );
  const pools = small.services.flatMap(({ name, pool }) =>
    (pool ?? []).flatMap(({ id, age, shows }) => {
      const servers = new Map([...shows].map(([host, shown]) => [host, serverShown[shown]] as const));
      return age === null ? [] : [[poolKey(id, name), { observedAt: noon - age, servers }] as const];
    }),
  );
  return {
    ...worldOf({ members, slots }),
    hosts: new Map(
      small.hosts.filter((host) => host.report ?? host.ownCheck ?? host.shell).map((host) => [host.id, factsOf(host)]),
    ),
    pools: new Map(pools),
    lastEffectAt: new Map(effects),
    bootIds: new Map(boots),
    obligations: small.obligations,
    quorums: new Map(
      small.services.map(({ name, group }) => [
        name,
        new Map((group?.readings ?? []).map((each) => [each.asked, readingFrom(each, group?.leader ?? null)])),
      ]),
    ),
  };
}

function factsOf({ report, ownCheck, shell }: SmallHost): HostFacts {
  const observedAt = report === null ? 0 : noon - report.age;
  const bootId = report?.boot ?? '';
  const checked =
    ownCheck === null ? [] : [{ at: noon - ownCheck.age, bootId: null, passed: ownCheck.passed, detail: '' }];
  return {
    observedAt,
    bootId,
    beats: report === null ? [] : [{ at: observedAt, bootId, passed: report.passed, detail: '' }],
    ownChecks: checked,
    overShell: shell === null ? null : { at: noon - shell.age, bootId: shell.boot },
  };
}

const serverShown: Readonly<Record<'well' | 'draining' | 'closed' | 'down' | 'half', ServerFacts>> = {
  well: goodServer,
  draining: { ...goodServer, admin: 'drain' },
  closed: { ...goodServer, admin: 'maint' },
  down: { ...goodServer, up: false },
  half: { ...goodServer, weightPercent: 50 },
};

function readingFrom({ age, words }: SmallReading, leader: string | null): QuorumFacts {
  return {
    observedAt: noon - age,
    members: words.map(({ name, word }) => ({ name, detail: '', leader: name === leader, ...said[word] })),
  };
}

const said: Readonly<Record<Word, Pick<QuorumMemberFacts, 'voter' | 'healthy' | 'lag'>>> = {
  well: { voter: true, healthy: true, lag: 512 },
  sick: { voter: true, healthy: false, lag: 0 },
  behind: { voter: true, healthy: true, lag: 513 },
  'behind by who knows what': { voter: true, healthy: true, lag: null },
  'no voter': { voter: false, healthy: true, lag: 0 },
  'sick and no voter': { voter: false, healthy: false, lag: 0 },
};
