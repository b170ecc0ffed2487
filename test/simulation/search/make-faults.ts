import type { HostId } from '../../../controller/core/fleet.ts';
import type { Fault } from '../../support/simulation/faults.ts';
import type { SeededRandom } from '../../support/simulation/seeded-random.ts';
import type { Site } from './scenario.ts';

/** So many things go wrong in a run; a rack that is lost, or a network that clogs up, is one of them. */
const faultsMin = 3;
const faultsMax = 8;
/** The longest that something lasts which heals by itself (ms), and that what has to be borne without a person's help may last. */
const longMs = 25_000;
const shortMs = 8000;
/** An hour of simulated time costs seconds, so few hosts come back only after hours. */
const hoursShare = 0.03;
const failureCodes = [
  'disk-full',
  'package-manager-failed',
  'lock-held',
  'package-script-failed',
  'half-installed',
  'unit-failed',
];
const stepVerbs = ['preflight', 'fetch', 'apply', 'rollback', 'reboot', 'verify'] as const;
const verbs = [...stepVerbs, 'status', 'status', 'pool', 'quorum'] as const;

/** What a fault is drawn for. */
interface Target {
  readonly random: SeededRandom;
  readonly site: Site;
  readonly horizonMs: number;
  /** Whether what happens has to heal without anybody's help. */
  readonly heals: boolean;
}

/** Draws what goes wrong with a site until the horizon (ms). */
export function makeFaults(target: Target): readonly Fault[] {
  const { random, heals } = target;
  return Array.from({ length: random.between(faultsMin, faultsMax) }, () => {
    const makers = heals ? healingMakers : [...healingMakers, ...lastingMakers];
    return random.pick(makers)(target);
  }).flat();
}

type Maker = (target: Target) => readonly Fault[];

/** What ends by itself, and takes nothing with it that a person would have to mend. */
const healingMakers: readonly Maker[] = [
  (target) => [{ kind: hostIll(target), host: anyHost(target), ...span(target) }],
  (target) => [{ kind: hostIll(target), host: anyHost(target), ...span(target) }],
  (target) => [{ kind: hostIll(target), host: server(target), ...span(target) }],
  (target) => [{ kind: 'connects-slowly', host: anyHost(target), ...span(target) }],
  (target) => [
    { kind: 'beats-late', host: anyHost(target), lateMs: target.random.between(100, 4000), ...span(target) },
  ],
  (target) => [{ kind: 'beats-twice', host: anyHost(target), ...span(target) }],
  struckRequest,
  struckRequest,
  struckRequest,
  (target) => voterFault(target),
  (target) => voterFault(target),
  (target) => poolFault(target),
  (target) => poolFault(target),
  swizzleClog,
  cutDomain,
];

/** What a person has to deal with afterwards. */
const lastingMakers: readonly Maker[] = [
  (target) => [{ kind: 'step-fails', ...struck(target, stepVerbs), code: target.random.pick(failureCodes) }],
  (target) => [{ kind: 'step-fails', ...struck(target, stepVerbs), code: target.random.pick(failureCodes) }],
  (target) => [{ kind: 'step-interrupted', ...struck(target, stepVerbs) }],
  (target) => [
    {
      kind: target.random.pick(['never-returns', 'sick-after-apply', 'old-kernel-after-boot'] as const),
      host: anyHost(target),
    },
  ],
  (target) => [{ kind: 'returns-late', host: anyHost(target), afterMs: lateness(target.random) }],
  (target) => [
    {
      kind: 'boots-again',
      host: anyHost(target),
      afterMs: target.random.pick([0, 0, target.random.between(500, 6000)]),
    },
  ],
  (target) => [powerLost(target, anyHost(target), moment(target))],
  (target) => forServers(target, (host, balancer) => [{ kind: 'drain-never-ends', host, balancer }]),
  (target) => [
    {
      kind: target.random.pick(['agent-silent', 'agent-lies', 'service-down', 'ssh-cut'] as const),
      host: anyHost(target),
      from: moment(target),
      to: Infinity,
    },
  ],
  (target) => [{ kind: 'probe-fails', ...span(target) }],
  loseDomain,
];

function anyHost({ random, site }: Target): HostId {
  return random.pick(site.hosts).id;
}

/** Somebody who serves behind a balancer. */
function server(target: Target): HostId {
  const pooled = target.site.fleet.services.filter((service) => service.pool !== null).map((service) => service.name);
  const role = target.random.pick(pooled);
  return target.random.pick(target.site.hosts.filter((host) => host.labels['role'] === role)).id;
}

function hostIll({
  random,
}: Target): 'unreachable' | 'ssh-cut' | 'replies-cut' | 'cut-off' | 'agent-silent' | 'agent-lies' | 'service-down' {
  return random.pick([
    'unreachable',
    'ssh-cut',
    'replies-cut',
    'cut-off',
    'agent-silent',
    'agent-lies',
    'service-down',
  ]);
}

function moment({ random, horizonMs }: Target): number {
  return random.between(0, horizonMs);
}

function span(target: Target): { readonly from: number; readonly to: number } {
  const from = moment(target);
  return { from, to: from + target.random.between(200, target.heals ? shortMs : longMs) };
}

function struck<V extends string>(
  { random, site }: Target,
  from: readonly V[],
): { readonly host: HostId; readonly verb: V; readonly times: number } {
  return { host: random.pick(site.hosts).id, verb: random.pick(from), times: random.between(1, 3) };
}

/** A request, or its answer, that the network does not treat as one would wish. */
function struckRequest(target: Target): readonly Fault[] {
  const { random } = target;
  const request = struck(target, verbs);
  return random.pick<() => readonly Fault[]>([
    () => [{ kind: 'reply-lost', ...request }],
    () => [{ kind: 'delivered-late', ...request, lateMs: random.between(50, target.heals ? 4000 : 20_000) }],
    () => [{ kind: 'delivered-twice', ...request }],
    () => [{ kind: 'dropped-during', ...request, afterMs: random.between(10, 5000) }],
  ])();
}

/** What goes wrong with a member of a quorum group as such: it lags, is cut off, or leads when nobody expects it. */
function voterFault(target: Target): readonly Fault[] {
  const { random, site } = target;
  const voting = site.fleet.services.filter((service) => service.quorum !== null).map((service) => service.name);
  const members = site.hosts.filter((host) => voting.includes(host.labels['role'] ?? '')).map((host) => host.id);
  if (members.length === 0) return struckRequest(target);
  const host = random.pick(members);
  return random.pick<() => readonly Fault[]>([
    () => [{ kind: 'service-down', host, ...span(target) }],
    () => [{ kind: 'member-lags', host, ...span(target) }],
    () => [{ kind: 'member-cut', host, ...span(target) }],
    () => [{ kind: 'leader-elected', host, at: moment(target) }],
    () => [{ kind: 'leader-elected', host, at: moment(target) }],
  ])();
}

/** A balancer that restarts, sees too little, or shows too old a picture; and people who have their own idea of its pool. */
function poolFault(target: Target): readonly Fault[] {
  const { random } = target;
  const at = moment(target);
  const forMs = random.between(500, target.heals ? shortMs : longMs);
  return forServers(target, (host, balancer) =>
    random.pick<() => readonly Fault[]>([
      () => [{ kind: 'balancer-restarts', balancer, at }],
      () => [{ kind: 'shows-old', host: balancer, ...span(target) }],
      () => [{ kind: 'server-unseen', host, balancer, ...span(target) }],
      () => [
        { kind: 'set-by-hand', host, balancer, admin: random.pick(['drain', 'maint', 'ready'] as const), at, forMs },
      ],
      () => [{ kind: 'not-in-pool', host, balancer, ...span(target) }],
    ])(),
  );
}

function forServers(target: Target, make: (host: HostId, balancer: HostId) => readonly Fault[]): readonly Fault[] {
  const host = server(target);
  const role = target.site.hosts.find((each) => each.id === host)?.labels['role'];
  const balancers = target.site.fleet.services.find((service) => service.name === role)?.pool?.balancers ?? [];
  return make(host, target.random.pick(balancers));
}

/** Links clog up one by one in some order, stay so, and are free again one by one in another. */
function swizzleClog(target: Target): readonly Fault[] {
  const { random, heals } = target;
  const kind = random.pick([
    'unreachable',
    'ssh-cut',
    'replies-cut',
    'agent-silent',
    'connects-slowly',
    'cut-off',
  ] as const);
  const clogged = shuffled(
    random,
    target.site.hosts.map((host) => host.id),
  ).slice(0, random.between(2, 8));
  const stepMs = random.between(100, heals ? 700 : 3000);
  const stayMs = random.between(0, heals ? 3000 : 10_000);
  const from = moment(target);
  const freedAt = from + clogged.length * stepMs + stayMs;
  const freed = shuffled(random, clogged);
  return clogged.map((host, index) => ({
    ...{ kind, host, from: from + index * stepMs },
    to: freedAt + freed.indexOf(host) * stepMs,
  }));
}

function shuffled<T>(random: SeededRandom, items: readonly T[]): readonly T[] {
  const left = [...items];
  return items.map(() => left.splice(random.between(0, left.length - 1), 1)).flat();
}

/** The network of a whole domain fails. */
function cutDomain(target: Target): readonly Fault[] {
  const when = span(target);
  // Without a whole domain users may miss a service, and then a person is asked.
  const kind = target.random.pick(
    target.heals ? (['unreachable', 'ssh-cut'] as const) : (['cut-off', 'unreachable'] as const),
  );
  return domain(target).map((host) => ({ kind, host, ...when }));
}

/** The power of a whole domain fails; its hosts come back one after the other. */
function loseDomain(target: Target): readonly Fault[] {
  const at = moment(target);
  return domain(target).map((host) => powerLost(target, host, at));
}

/** A rack mostly; where a person may have to help, any domain. */
function domain({ random, site, heals }: Target): readonly HostId[] {
  const { topology } = site.fleet;
  const level = heals ? topology.at(-1) : random.pick(topology);
  const one = random.pick(site.hosts);
  const levels = topology.slice(0, topology.indexOf(level ?? '') + 1);
  return site.hosts
    .filter((host) => levels.every((each) => host.labels[each] === one.labels[each]))
    .map((host) => host.id);
}

function powerLost({ random }: Target, host: HostId, at: number): Fault {
  return { kind: 'power-lost', host, at, forMs: random.between(3000, 40_000) };
}

function lateness(random: SeededRandom): number {
  if (random.chance(hoursShare)) return random.between(1, 3) * 3_600_000;
  return random.between(5000, random.pick([30_000, 30_000, 120_000]));
}
