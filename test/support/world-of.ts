import type { Change } from '../../controller/core/change.ts';
import type { RolloutEvent, RolloutFact, StepEvidence } from '../../controller/core/event.ts';
import { foldEvents } from '../../controller/core/evolve.ts';
import type { Fleet, Host, Service } from '../../controller/core/fleet.ts';
import type { Inventory } from '../../controller/core/inventory.ts';
import type { LimitedHost, Limits } from '../../controller/core/limits.ts';
import { makePlan } from '../../controller/core/planning/make-plan.ts';
import type { Plan } from '../../controller/core/plan.ts';
import { nothingQuarantined } from '../../controller/core/quarantine.ts';
import type { Rollout } from '../../controller/core/rollout.ts';
import { defaultTiming } from '../../controller/core/timing.ts';
import {
  type HostFacts,
  type PoolFacts,
  poolKey,
  type ServerFacts,
  type Slot,
  type World,
} from '../../controller/core/world.ts';

/** A moment to count from. */
export const noon = Date.UTC(2026, 0, 15, 12);

export function hostOf(id: string, labels: Record<string, string>): Host {
  return { id, labels, address: '192.0.2.1', sshPort: 22, hostKey: 'ssh-ed25519 AAAA' };
}

/** Six web hosts, two in each of three zones, and two balancers. */
export const shopHosts: readonly Host[] = [
  ...['a', 'a', 'b', 'b', 'c', 'c'].map((zone, index) =>
    hostOf(`web-${index + 1}`, { zone, rack: `${zone}1`, role: 'web' }),
  ),
  hostOf('lb-1', { zone: 'a', rack: 'a1', role: 'lb' }),
  hostOf('lb-2', { zone: 'b', rack: 'b1', role: 'lb' }),
];

export const webService: Service = {
  name: 'web',
  hosts: { kind: 'labels', labels: { role: 'web' } },
  size: 6,
  maxOut: 2,
  quorum: null,
  oneAtATime: 'zone',
  pool: { kind: 'haproxy', balancers: ['lb-1', 'lb-2'], backend: 'web' },
  checks: [{ kind: 'http', port: 80, path: '/healthz' }],
  probe: { urls: ['http://192.0.2.2/'], perSecond: 20 },
  after: [],
};

export const shop: Fleet = {
  name: 'shop',
  topology: ['zone', 'rack'],
  services: [
    webService,
    {
      ...webService,
      name: 'edge',
      hosts: { kind: 'ids', ids: ['lb-1', 'lb-2'] },
      size: 2,
      maxOut: 1,
      pool: null,
      probe: null,
      checks: [],
    },
  ],
  budgets: [],
  policy: { onFailure: 'hold', stopAfterHosts: 1, stopAfterPercent: null, windows: [] },
};

/** All hosts in one stage. */
export const oneStage: Change['stages'] = [{ name: 'all', pick: { kind: 'all' }, soakMs: 0 }];

export const upgrade: Change = {
  name: 'upgrade',
  where: { kind: 'labels', labels: { role: 'web' } },
  packages: [{ name: 'zdemo', version: '1.1.0' }],
  reboot: 'always',
  stages: [
    { name: 'canary', pick: { kind: 'count', hosts: 1 }, soakMs: 0 },
    { name: 'rest', pick: { kind: 'all' }, soakMs: 0 },
  ],
  atOnce: null,
  priority: 'normal',
  barrier: false,
  wayBack: 'required',
};

/** Of an offer: it is known what it closes, and it closes nothing. */
export const nothingClosed = { advisories: [], cves: [], advisoriesKnown: true } as const;

export function inventoryOf(hosts: readonly Host[], installed = '1.0.0'): Inventory {
  const offers = ['1.0.0', '1.1.0'].map((version) => ({
    version,
    sha256: 'a'.repeat(64),
    downloadBytes: 1000,
    security: false,
    ...nothingClosed,
  }));
  return hosts.map((host) => ({
    host,
    report: {
      receivedAt: noon,
      bootId: `boot-of-${host.id}`,
      agentVersion: '0.1.0',
      os: 'Debian 12',
      kernel: '6.1',
      hardwareModel: 'VM',
      failedUnits: [],
      labels: host.labels,
      survey: {
        surveyedAt: noon,
        rebootNeeded: false,
        rebootReasons: [],
        error: '',
        packages: [{ name: 'zdemo', installed, candidate: '1.1.0', held: false, offers }],
      },
    },
  }));
}

export function planOf(overrides: { fleet?: Fleet; hosts?: readonly Host[]; change?: Change } = {}): Plan {
  const body = makePlan(
    overrides.fleet ?? shop,
    inventoryOf(overrides.hosts ?? shopHosts),
    overrides.change ?? upgrade,
    noon,
  );
  return { ...body, hash: 'f'.repeat(64) };
}

/** A rollout folded from facts, all at the same moment. */
export function rolloutOf(plan: Plan, facts: readonly RolloutFact[] = [], at = noon): Rollout {
  const events: readonly RolloutEvent[] = [
    { at, kind: 'created', plan, by: 'ada' },
    { at, kind: 'started', by: 'ada' },
    ...facts.map((fact) => ({ at, ...fact })),
  ];
  const rollout = foldEvents('r1', events);
  if (rollout === null) throw new Error('no rollout');
  return rollout;
}

/** A limits file that limits nothing. */
export const noLimits: Limits = {
  halt: null,
  maxOut: { hosts: null, percent: null },
  perDomain: {},
  perModel: null,
  rebootsPerHour: null,
  ramp: null,
  errorBudget: null,
  sameFailure: null,
  blindPercent: null,
  minimumAgeMs: 0,
  confirmAbovePercent: null,
};

/** Hosts as the limiter knows them, each in agreement with the store about its labels. */
export function limitedHosts(hosts: readonly Host[]): ReadonlyMap<string, LimitedHost> {
  return new Map(
    hosts.map(({ id, labels }) => [id, { labels, ownLabels: labels, hardwareModel: 'VM', silent: false }]),
  );
}

export const goodServer: ServerFacts = { admin: 'ready', up: true, weightPercent: 100, inFlight: 0 };

export function healthy(host: string, at: number, overrides: Partial<HostFacts> = {}): HostFacts {
  const bootId = overrides.bootId ?? `boot-of-${host}`;
  const beats = [at - 2000, at - 1000, at].map((each) => ({ at: each, bootId, passed: true, detail: '' }));
  return { observedAt: at, bootId, beats, ownChecks: beats, overShell: null, ...overrides };
}

/** A world in which everything serves, but for what the arguments say. */
export function worldOf(
  options: {
    at?: number;
    /** Hosts of the fleet; the shop's where not said. */
    members?: readonly Host[];
    slots?: readonly Slot[];
    hosts?: Record<string, HostFacts | null>;
    servers?: Record<string, Partial<ServerFacts>>;
    extra?: Partial<World>;
  } = {},
): World {
  const at = options.at ?? noon;
  const members = options.members ?? shopHosts;
  const hosts = members.map(
    (host) =>
      [host.id, options.hosts?.[host.id] === undefined ? healthy(host.id, at) : options.hosts[host.id]] as const,
  );
  const servers = new Map(
    members
      .filter((host) => host.labels['role'] === 'web')
      .map((host) => [host.id, { ...goodServer, ...options.servers?.[host.id] }]),
  );
  const pool: PoolFacts = { observedAt: at, servers };
  return {
    hosts: new Map(hosts.filter((each): each is [string, HostFacts] => each[1] !== null)),
    pools: new Map(['lb-1', 'lb-2'].map((balancer) => [poolKey(balancer, 'web'), pool])),
    slots: options.slots ?? [],
    rollouts: [],
    lastEffectAt: new Map(),
    bootIds: new Map(),
    obligations: [],
    quorums: new Map(),
    halt: null,
    quarantine: nothingQuarantined,
    limits: { kind: 'limits', limits: noLimits },
    limiterFacts: { hosts: limitedHosts(members), rebootsAt: [], failures: [] },
    fleet: null,
    probeFailures: [],
    ...options.extra,
  };
}

export function slotsOf(...hosts: readonly string[]): readonly Slot[] {
  return hosts.map((host) => ({ host, rollout: 'r1', takenAt: noon }));
}

export const evidence: StepEvidence = {
  bootId: null,
  bootIdBefore: null,
  versions: {},
  rebootNeeded: null,
  spentMs: {},
  remarks: [],
};

export const timing = defaultTiming;
