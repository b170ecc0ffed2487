import type { Change } from '../../controller/core/change.ts';
import type { Fleet, Host, Service, SharedBudget } from '../../controller/core/fleet.ts';
import type { HostReport, Inventory, Survey } from '../../controller/core/inventory.ts';
import { SeededRandom } from '../support/simulation/seeded-random.ts';
import { nothingClosed } from '../support/world-of.ts';

/** A moment to plan at; surveys are of the same. */
export const benchNow = Date.UTC(2026, 0, 15, 12);

/** The generated fleets: without any domain rule, with `oneAtATime: zone` on every pool, and that with services that come after others. */
export const fleetKinds = ['flat', 'zone', 'zone-after'] as const;
export type FleetKind = (typeof fleetKinds)[number];

const zones = ['a', 'b', 'c', 'd'];
const hostsPerRack = 40;
const models = ['VM', 'VM', 'VM', 'R740', 'R750', 'DL380'] as const;
/** One host in so many is a member of a quorum group of its own. */
const voterEvery = 10;
/** Services under one shared budget. */
const servicesPerBudget = 3;

/** A fleet as large operators have it, from a seed: pools of 8 to some hundred hosts, quorum groups, budgets over several services, a model and everything. */
export function generatedFleet(
  kind: FleetKind,
  hostCount: number,
  seed: number,
): { fleet: Fleet; hosts: readonly Host[] } {
  const random = new SeededRandom(seed);
  const hosts: Host[] = [];
  const services: Service[] = [];
  const voters = Math.floor(hostCount / voterEvery);
  while (hosts.length < hostCount) {
    const left = hostCount - hosts.length;
    const votes = left <= voters;
    const size = Math.min(left, votes ? random.pick([3, 5]) : poolSize(random));
    const name = `${votes ? 'q' : 'p'}${services.length + 1}`;
    for (let member = 0; member < size; member += 1) hosts.push(generatedHost(random, name, hosts.length, member));
    services.push(votes && size >= 3 ? voting(name, size) : pooled(kind, name, size));
  }
  const ordered = kind === 'zone-after' ? withOrder(services) : services;
  return {
    hosts,
    fleet: {
      name: kind,
      topology: ['zone', 'rack'],
      services: ordered,
      budgets: budgetsOf(services, hostCount),
      policy: { onFailure: 'hold', stopAfterHosts: 1, stopAfterPercent: null, windows: [] },
    },
  };
}

/** Most pools are small, a few are large: lognormal with a median of 30. */
function poolSize(random: SeededRandom): number {
  return Math.round(Math.min(600, Math.max(8, 30 * Math.exp(0.9 * normal(random)))));
}

function normal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
}

/** Members of a service are spread over the zones in turn, as a scheduler would, and some stand where there was room. */
function generatedHost(random: SeededRandom, service: string, number: number, member: number): Host {
  const zone = random.chance(0.9) ? (zones[member % zones.length] ?? 'a') : random.pick(zones);
  const racks = Math.max(1, Math.ceil(number / hostsPerRack / zones.length));
  return {
    id: `${service}-${member + 1}`,
    labels: { zone, rack: `${zone}${random.between(1, racks)}`, role: service },
    address: `192.0.2.${number % 250}`,
    sshPort: 22,
    hostKey: 'ssh-ed25519 AAAA',
  };
}

function pooled(kind: FleetKind, name: string, size: number): Service {
  return {
    ...service(name, size),
    maxOut: Math.max(1, Math.floor(size * 0.1)),
    oneAtATime: kind === 'flat' ? null : 'zone',
  };
}

function voting(name: string, size: number): Service {
  return { ...service(name, size), maxOut: 1, quorum: { kind: 'etcd', spare: 1, witnesses: [] }, oneAtATime: null };
}

function service(name: string, size: number): Service {
  return {
    ...{ name, size, hosts: { kind: 'labels', labels: { role: name } } as const },
    ...{ maxOut: 1, quorum: null, oneAtATime: null, pool: null, checks: [], probe: null, after: [] },
  };
}

/** In each block of twenty services the last one, if it is small, comes after the first two, as balancers do after what is behind them. */
function withOrder(services: readonly Service[]): readonly Service[] {
  return services.map((each, index) => {
    const [one, two] = [services[index - 19], services[index - 18]];
    const isLast = index % 20 === 19 && one !== undefined && two !== undefined;
    const isShort = isLast && [each, one, two].every((other) => other.size <= 30);
    return isShort ? { ...each, after: [one.name, two.name] } : each;
  });
}

/** 15 % of three services together, 8 % of a model, 5 % of everything. */
function budgetsOf(services: readonly Service[], hostCount: number): readonly SharedBudget[] {
  const together: SharedBudget[] = [];
  for (let from = 0; from < services.length; from += servicesPerBudget) {
    const some = services.slice(from, from + servicesPerBudget);
    const size = some.reduce((sum, each) => sum + each.size, 0);
    together.push({
      name: `b${together.length + 1}`,
      over: { kind: 'services', services: some.map((each) => each.name) },
      maxOut: Math.max(1, Math.floor(size * 0.15)),
      oneAtATime: null,
    });
  }
  const perModel = [...new Set(models)].map((model): SharedBudget => {
    const share = models.filter((each) => each === model).length / models.length;
    const maxOut = Math.max(1, Math.floor(hostCount * share * 0.08));
    return { name: `model-${model.toLowerCase()}`, over: { kind: 'model', model }, maxOut, oneAtATime: null };
  });
  const everything: SharedBudget = {
    name: 'everything',
    over: { kind: 'services', services: services.map((each) => each.name) },
    maxOut: Math.max(1, Math.floor(hostCount * 0.05)),
    oneAtATime: null,
  };
  return [...together, ...perModel, everything];
}

/** Hosts that the services of a fleet file select, as many as they declare, spread over three domains a level. */
export function hostsFor(fleet: Fleet): readonly Host[] {
  const hosts = new Map<string, Host>();
  for (const { name, hosts: selector, size } of fleet.services) {
    for (let member = 0; member < size; member += 1) {
      const id = selector.kind === 'ids' ? (selector.ids[member] ?? `${name}-${member + 1}`) : `${name}-${member + 1}`;
      const levels = fleet.topology.map((level, depth) => [level, `${level}${Math.floor(member / 3 ** depth) % 3}`]);
      const labels: Record<string, string> = selector.kind === 'labels' ? { ...selector.labels } : {};
      for (const [level = '', domain = ''] of levels) labels[level] ??= domain;
      hosts.set(id, { id, labels, address: '192.0.2.1', sshPort: 22, hostKey: 'ssh-ed25519 AAAA' });
    }
  }
  return [...hosts.values()];
}

/** One package for everybody, with a reboot, in one stage. */
export const benchChange: Change = {
  name: 'bench',
  where: { kind: 'all' },
  packages: [{ name: 'openssl', version: null }],
  reboot: 'always',
  stages: [{ name: 'all', pick: { kind: 'all' }, soakMs: 0 }],
  atOnce: null,
  priority: 'normal',
  barrier: false,
  wayBack: 'required',
};

const survey: Survey = {
  surveyedAt: benchNow,
  rebootNeeded: false,
  rebootReasons: [],
  error: '',
  packages: [
    {
      name: 'openssl',
      installed: '3.0.15-1',
      candidate: '3.0.17-1',
      held: false,
      offers: ['3.0.15-1', '3.0.17-1'].map((version) => ({
        ...{ version, sha256: 'a'.repeat(64), downloadBytes: 1_400_000, security: true, ...nothingClosed },
      })),
    },
  ],
};

/** What the store would hand to the planner. */
export function inventoryOf(hosts: readonly Host[], seed: number): Inventory {
  const random = new SeededRandom(seed);
  const reports = models.map((hardwareModel): HostReport => ({
    ...{ receivedAt: benchNow, bootId: 'b', agentVersion: '0.1.0', os: 'Debian 12', kernel: '6.1', hardwareModel },
    ...{ failedUnits: [], labels: {}, survey },
  }));
  return hosts.map((host) => ({ host, report: random.pick(reports) }));
}

const minute = 60_000;
const hour = 60 * minute;
const rebootMs: Readonly<Record<string, number>> = { VM: 45_000 };
const metalRebootMs = 6 * minute;

/** What the planner expects of a host by its model: the median of what follows. */
export function expectedSlotMs(hardwareModel: string): number {
  return 4 * minute + (rebootMs[hardwareModel] ?? metalRebootMs) + 45_000;
}

/** What hosts really take: lognormal patching with a median of 4 minutes, the reboot of their model, a drain; one in a hundred takes ten times as long, an hour at most. */
export function actualSlotMs(inventory: Inventory, seed: number): ReadonlyMap<string, number> {
  const random = new SeededRandom(seed * 31);
  return new Map(
    inventory.map(({ host, report }) => {
      const patchMs = 4 * minute * Math.exp(0.6 * normal(random));
      const reboot = rebootMs[report?.hardwareModel ?? ''] ?? metalRebootMs;
      const ms = patchMs + reboot + random.between(30_000, 60_000);
      return [host.id, Math.min(hour, random.chance(0.01) ? 10 * ms : ms)];
    }),
  );
}
