import type { Fleet, Host, HostId, Policy, Service, SharedBudget } from '../../../controller/core/fleet.ts';
import { defaultSpare, votersKept } from '../../../controller/core/quorum.ts';
import type { SeededRandom } from '../../support/simulation/seeded-random.ts';
import { hostOf } from '../../support/world-of.ts';
import { windowOf } from '../../support/window-of.ts';
import type { ScenarioKind, Site } from './scenario.ts';

/** How many hosts fleets have: most are small, since a large one takes as long as a hundred of them. */
const sizes = [
  { share: 0.845, from: 6, to: 20 },
  { share: 0.14, from: 21, to: 60 },
  { share: 0.013, from: 61, to: 150 },
  { share: 0.002, from: 151, to: 300 },
] as const;
const topologies: readonly (readonly string[])[] = [
  ['zone'],
  ['zone', 'rack'],
  ['zone', 'rack'],
  ['region', 'zone', 'rack'],
];
const models = ['VM', 'VM', 'R740', 'DL380'] as const;
/** A group may be out in at least so many parts, so that a large fleet does not take for ever. */
const partsMax = 8;

/** Draws a fleet: hosts in their domains, services in pools, quorum groups, and budgets over all of them. */
export function makeSite(random: SeededRandom, kind: ScenarioKind): Site {
  const topology = random.pick(topologies);
  const draft = new Draft(random, topology);
  const wanted = sizeOf(random);
  draft.addBalancers('edge', ['lb-1', 'lb-2']);
  if (wanted > 20 && random.chance(0.5)) draft.addBalancers('edge2', ['lb-3', 'lb-4']);
  if (random.chance(0.5)) draft.addVoting('etcd');
  if (random.chance(0.15)) draft.addVoting('lock');
  const kinds = [
    'pooled',
    ...Array.from({ length: random.between(0, 3) }, () => random.pick(['pooled', 'plain', 'bare'])),
  ];
  const left = Math.max(kinds.length * 2, wanted - draft.hosts.length);
  for (const [index, kind] of kinds.entries()) {
    const size = Math.max(2, Math.floor(left / kinds.length) + random.between(-1, 1));
    if (kind === 'pooled') draft.addPooled(`web${index || ''}`, size);
    else draft.addPlain(`job${index}`, size, kind === 'plain');
  }
  if (random.chance(0.2)) draft.addLoose(random.between(1, 3));
  return draft.toSite(policyOf(random, kind));
}

function sizeOf(random: SeededRandom): number {
  let drawn = random.fraction();
  for (const { share, from, to } of sizes) {
    if (drawn < share) return random.between(from, to);
    drawn -= share;
  }
  return sizes[0].from;
}

function policyOf(random: SeededRandom, kind: ScenarioKind): Policy {
  const onFailure = random.pick(['hold', 'undo'] as const);
  const stopAfterHosts = random.between(1, 4);
  return {
    ...{ onFailure, stopAfterHosts },
    // Not drawn: every seed from before would play another story.
    ...(stopAfterHosts % 2 === 0 ? { noReturn: 'powerCycle' as const } : {}),
    stopAfterPercent: random.pick([null, null, 30]),
    windows: kind === 'anything' && random.chance(0.15) ? windowsWithGap(random) : [],
  };
}

/** Open when the run begins, at noon, and again after a gap in the middle of it. */
function windowsWithGap(random: SeededRandom): Policy['windows'] {
  const closesAt = random.between(1, 2);
  const opensAt = closesAt + random.between(1, 3);
  const minute = (minutes: number): string => `12:${String(minutes).padStart(2, '0')}`;
  return [`daily 11:00-${minute(closesAt)} UTC`, `daily ${minute(opensAt)}-18:00 UTC`].map(windowOf);
}

/** A fleet while it is drawn. */
class Draft {
  readonly hosts: Host[] = [];
  readonly #services: Service[] = [];
  readonly #models = new Map<HostId, string>();
  readonly #learners: HostId[] = [];
  readonly #random: SeededRandom;
  readonly #topology: readonly string[];
  /** How many domains each level has within the one above. */
  readonly #widths: readonly number[];

  constructor(random: SeededRandom, topology: readonly string[]) {
    this.#random = random;
    this.#topology = topology;
    this.#widths = topology.map((level) => (level === 'region' ? 2 : random.between(2, 3)));
  }

  #addHosts(role: string, ids: readonly HostId[]): void {
    const model = this.#random.pick(models);
    for (const id of ids) {
      this.hosts.push(hostOf(id, { role, ...this.#place() }));
      this.#models.set(id, this.#random.chance(0.8) ? model : this.#random.pick(models));
    }
  }

  /** Hosts go round the domains, now and then out of turn. */
  #place(): Record<string, string> {
    let number = this.hosts.length + (this.#random.chance(0.2) ? this.#random.between(1, 5) : 0);
    const labels: Record<string, string> = {};
    for (const [index, level] of this.#topology.entries()) {
      const width = this.#widths[index] ?? 1;
      labels[level] = `${level[0] ?? ''}${(number % width) + 1}`;
      number = Math.floor(number / width);
    }
    return labels;
  }

  #level(): string | null {
    return this.#random.pick([null, ...this.#topology]);
  }

  #budget(size: number): number {
    const least = Math.ceil(size / partsMax);
    return Math.min(size - 1, this.#random.between(least, Math.max(least, Math.floor(size / 3))));
  }

  #add(service: Pick<Service, 'name' | 'size' | 'maxOut'> & Partial<Service>): void {
    this.#services.push({
      ...{ hosts: { kind: 'labels', labels: { role: service.name } }, oneAtATime: null, quorum: null, pool: null },
      ...{ checks: [], probe: null, after: this.#after(), ...service },
    });
  }

  #after(): readonly string[] {
    const earlier = this.#services.map((service) => service.name);
    return earlier.length > 0 && this.#random.chance(0.2) ? [this.#random.pick(earlier)] : [];
  }

  addBalancers(name: string, ids: readonly HostId[]): void {
    this.#addHosts(name, ids);
    this.#add({ name, size: 2, maxOut: 1 });
  }

  addPooled(name: string, size: number): void {
    const ids = Array.from({ length: size }, (_, index) => `${name}-${index + 1}`);
    this.#addHosts(name, ids);
    const balancers = this.#random.pick(
      this.#services.filter((each) => each.name.startsWith('edge')).map(({ name: edge }) => this.#idsOf(edge)),
    );
    const maxOut = this.#budget(size);
    const missing = maxOut > 1 && this.#random.chance(0.1) ? 1 : 0;
    this.#add({
      ...{ name, size: size + missing, maxOut, oneAtATime: this.#level() },
      pool: { kind: 'haproxy', balancers, backend: name },
      checks: [{ kind: 'http', port: 80, path: '/healthz' }],
      probe: this.#random.chance(0.7) ? { urls: [`http://${name}.example/`], perSecond: 1 } : null,
    });
  }

  addPlain(name: string, size: number, isChecked: boolean): void {
    this.#addHosts(
      name,
      Array.from({ length: size }, (_, index) => `${name}-${index + 1}`),
    );
    const checks: Service['checks'] = isChecked ? [{ kind: 'tcp', port: 5432 }] : [];
    this.#add({ name, size, maxOut: this.#budget(size), oneAtATime: this.#level(), checks });
  }

  addVoting(name: string): void {
    const voters = this.#random.pick([3, 3, 5]);
    const learner = this.#random.chance(0.2) ? 1 : 0;
    const size = voters + learner;
    const ids = Array.from({ length: size }, (_, index) => `${name}-${index + 1}`);
    this.#addHosts(name, ids);
    this.#learners.push(...ids.slice(voters));
    const spare = this.#random.pick<number | string>([defaultSpare, defaultSpare, 0, ...this.#topology]);
    const witnesses = this.#random.chance(0.2) ? ids.slice(voters - 1, voters) : [];
    this.#add({
      ...{ name, size, maxOut: size - votersKept(size, spare), oneAtATime: this.#level() },
      quorum: { kind: 'etcd', spare, witnesses },
      checks: [{ kind: 'tcp', port: 2379 }],
    });
  }

  /** Hosts in no service that we know of. */
  addLoose(count: number): void {
    this.#addHosts(
      'other',
      Array.from({ length: count }, (_, index) => `other-${index + 1}`),
    );
  }

  #idsOf(role: string): readonly HostId[] {
    return this.hosts.filter((host) => host.labels['role'] === role).map((host) => host.id);
  }

  toSite(policy: Policy): Site {
    const fleet: Fleet = {
      ...{ name: 'shop', topology: this.#topology, services: this.#services, budgets: this.#budgets(), policy },
    };
    return { fleet, hosts: this.hosts, models: this.#models, learners: this.#learners };
  }

  #budgets(): readonly SharedBudget[] {
    const random = this.#random;
    const names = this.#services.filter((service) => service.quorum === null).map((service) => service.name);
    const shared: SharedBudget[] = [];
    if (names.length > 2 && random.chance(0.25)) {
      const services = [random.pick(names), random.pick(names)];
      const size = services.reduce((sum, name) => sum + this.#idsOf(name).length, 0);
      const over = { kind: 'services', services: [...new Set(services)] } as const;
      shared.push({ name: 'together', over, maxOut: this.#budget(size), oneAtATime: this.#level() });
    }
    const model = random.pick(models);
    const alike = [...this.#models.values()].filter((each) => each === model).length;
    if (alike > 2 && random.chance(0.25))
      shared.push({
        name: `all ${model}`,
        over: { kind: 'model', model },
        maxOut: this.#budget(alike),
        oneAtATime: null,
      });
    return shared;
  }
}
