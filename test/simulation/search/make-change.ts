import type { Change, StagePick, StageRule } from '../../../controller/core/change.ts';
import type { HostId, Selector } from '../../../controller/core/fleet.ts';
import type { SeededRandom } from '../../support/simulation/seeded-random.ts';
import type { RolloutStart, ScenarioKind, Site } from './scenario.ts';

/** Draws one to three changes of a site, one after the other or at the same time. */
export function makeRollouts(random: SeededRandom, site: Site, kind: ScenarioKind): readonly RolloutStart[] {
  const count = random.pick([1, 1, 1, 1, 2, 2, 3]);
  return Array.from({ length: count }, (_, index) => ({
    id: `r${index + 1}`,
    at: index === 0 ? 0 : random.between(1000, 60_000),
    change: makeChange(random, site, kind),
  }));
}

function makeChange(random: SeededRandom, { hosts, fleet }: Site, kind: ScenarioKind): Change {
  const atOnce = Math.ceil(hosts.length / 10) + random.between(0, 2);
  return {
    name: 'upgrade',
    wayBack: 'required',
    where: whereOf(
      random,
      hosts.map((host) => host.id),
      fleet.services.map((service) => service.name),
    ),
    packages: random.pick([
      [{ name: 'zdemo', version: '1.1.0' }],
      // Two rollouts that want different versions of one package get into each other's way.
      [{ name: 'zdemo', version: kind === 'anything' ? null : '1.1.0' }],
      [{ name: 'zlib', version: '2.1.0' }],
      [
        { name: 'zdemo', version: '1.1.0' },
        { name: 'zlib', version: null },
      ],
    ]),
    reboot: random.pick(['always', 'always', 'ifNeeded', 'never'] as const),
    stages: stagesOf(random, fleet.topology),
    atOnce: random.pick([null, null, atOnce]),
    priority: random.pick(['low', 'normal', 'normal', 'high'] as const),
    barrier: random.chance(0.15),
  };
}

function whereOf(random: SeededRandom, ids: readonly HostId[], roles: readonly string[]): Selector {
  const some = ids.filter(() => random.chance(0.6));
  return random.pick<Selector>([
    { kind: 'all' },
    { kind: 'all' },
    { kind: 'labels', labels: { role: random.pick(roles) } },
    { kind: 'ids', ids: some.length > 0 ? some : ids },
  ]);
}

function stagesOf(random: SeededRandom, topology: readonly string[]): readonly StageRule[] {
  const stage = (name: string, pick: StagePick): StageRule => ({
    ...{ name, pick },
    soakMs: random.pick([0, 0, random.between(1000, 10_000)]),
  });
  const rest = stage('rest', { kind: 'all' });
  return random.pick<() => readonly StageRule[]>([
    () => [rest],
    () => [stage('canary', { kind: 'count', hosts: 1 }), rest],
    () => [stage('canary', { kind: 'diverse' }), rest],
    () => [stage('early', { kind: 'percent', percent: random.between(5, 40) }), rest],
    () => [stage('ring', { kind: 'rings', first: random.between(1, 3) })],
    () => [stage('domain', { kind: 'each', level: random.pick(topology) })],
  ])();
}
