import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { Limits } from '../../../controller/core/limits.ts';
import { makePlan } from '../../../controller/core/planning/make-plan.ts';
import { SeededRandom } from '../../support/simulation/seeded-random.ts';
import { plainMachine } from '../../support/simulation/simulated-host.ts';
import { trueInventory } from '../../support/simulation/true-inventory.ts';
import { noLimits, noon } from '../../support/world-of.ts';
import { makeRollouts } from './make-change.ts';
import { makeFaults } from './make-faults.ts';
import { makeSite } from './make-site.ts';
import type { Deed, RolloutStart, Scenario, ScenarioKind, Site } from './scenario.ts';

/** What runs everywhere before the first rollout. */
export const installedVersions: Readonly<Record<string, string>> = {
  zdemo: '1.0.0',
  zlib: '2.0.0',
  'linux-image': '6.1',
};
/** Of a hundred seeds so many are calm, so many heal by themselves, and the rest are anything. */
const calmPercent = 5;
const healingPercent = 50;
/** Some draws can have no plan (a quorum that cannot spare a zone); others are drawn then. */
const drawsMax = 50;
/** A host is out for about so long (ms). */
const hostTakesMs = 13_000;
const horizonMinMs = 30_000;
const horizonMaxMs = 200_000;

/** Everything a seed stands for; the same seed gives the same scenario. */
export function makeScenario(seed: number): Scenario {
  for (let draw = 0; draw < drawsMax; draw += 1) {
    const random = new SeededRandom(seed * 7919 + draw * 104_729);
    const kind = kindOf(random);
    const site = makeSite(random, kind);
    const rollouts = makeRollouts(random, site, kind);
    const waves = rollouts.map((each) => wavesOf(site, each));
    // No plan, or nothing in it.
    if (waves.includes(0)) continue;
    const horizonMs = Math.min(horizonMaxMs, Math.max(horizonMinMs, Math.max(...waves) * hostTakesMs));
    const heals = kind === 'healing';
    return {
      ...{ seed, kind, site, rollouts },
      limits: random.chance(0.4) ? makeLimits(random, site, kind) : null,
      faults: kind === 'calm' ? [] : makeFaults({ random, site, horizonMs, heals }),
      deeds: kind === 'calm' ? [] : makeDeeds(random, rollouts, horizonMs, heals),
    };
  }
  throw new Error(`seed ${seed} gives no plan in ${drawsMax} draws`);
}

function kindOf(random: SeededRandom): ScenarioKind {
  const percent = random.between(0, 99);
  if (percent < calmPercent) return 'calm';
  return percent < calmPercent + healingPercent ? 'healing' : 'anything';
}

/** Least number of waves of a rollout; 0 where there can be no plan. */
function wavesOf({ fleet, hosts, models }: Site, { change }: RolloutStart): number {
  const surveyed = hosts.map((host) => ({
    ...{ bootId: '', versions: installedVersions },
    parts: { host, machine: { ...plainMachine, hardwareModel: models.get(host.id) ?? '' } },
  }));
  try {
    return makePlan(fleet, trueInventory(surveyed, noon), change, noon).bound.waves;
  } catch (error) {
    if (error instanceof ZdmsError) return 0;
    throw error;
  }
}

/** What heals by itself is not held up by limits that only a person, or an hour, could lift. */
function makeLimits(random: SeededRandom, { hosts, fleet }: Site, kind: ScenarioKind): Limits {
  const few = Math.ceil(hosts.length / 10) + random.between(0, 2);
  const level = random.pick(fleet.topology);
  const limits: Limits = {
    ...noLimits,
    maxOut: { hosts: random.pick([null, few]), percent: random.pick([null, 34]) },
    perDomain: random.pick([{}, { [level]: few }]),
    perModel: random.pick([null, few]),
    ramp: random.pick([null, 1, 2]),
  };
  if (kind !== 'anything') return limits;
  return {
    ...limits,
    sameFailure: random.pick([null, 2]),
    errorBudget: random.pick([null, { hosts: 2, withinMs: 3_600_000 }]),
    blindPercent: random.pick([null, 20]),
    rebootsPerHour: random.pick([null, null, Math.ceil(hosts.length / 2)]),
  };
}

type Maker = (at: number, random: SeededRandom, rollout: string) => Deed;

/** What a controller has to live with, and what people may do without ending anything. */
const harmless: readonly Maker[] = [
  (at, random) => ({ kind: 'crash', at, forMs: random.between(100, 30_000) }),
  (at, random) => ({ kind: 'crash', at, forMs: random.between(100, 30_000) }),
  (at, random) => ({
    ...{ kind: 'freeze', at, forMs: random.between(500, 30_000) },
    successorAfterMs: random.pick([null, random.between(100, 20_000)]),
  }),
  (at, random) => ({ kind: 'store-fails', at, forMs: random.between(200, 15_000) }),
  (at, random) => ({ kind: 'halt', at, forMs: random.between(500, 40_000) }),
  (at, random, rollout) => ({ kind: 'pause', at, rollout, forMs: random.between(500, 30_000) }),
  (at, random) => ({ kind: 'limits-unreadable', at, forMs: random.between(500, 20_000) }),
];

/** What changes how a rollout ends. */
const decisive: readonly Maker[] = [
  (at, _random, rollout) => ({ kind: 'abort', at, rollout }),
  (at) => ({ kind: 'edit-fleet', at }),
  (at) => ({ kind: 'retry', at }),
  (at) => ({ kind: 'retry', at }),
  (at) => ({ kind: 'release', at }),
  (at, random) => ({ kind: 'clock-set', at, byMs: stepOf(random), forMs: random.between(1000, 30_000) }),
  (at, random) => ({ kind: 'clock-set', at, byMs: stepOf(random), forMs: random.between(1000, 30_000) }),
];

function stepOf(random: SeededRandom): number {
  const most = random.pick([5000, 50_000]);
  return random.between(-most, most);
}

function makeDeeds(
  random: SeededRandom,
  rollouts: readonly RolloutStart[],
  horizonMs: number,
  heals: boolean,
): readonly Deed[] {
  const makers = heals ? harmless : [...harmless, ...decisive];
  const deeds = Array.from({ length: random.between(0, 3) }, () =>
    random.pick(makers)(random.between(500, horizonMs), random, random.pick(rollouts).id),
  );
  return deeds.toSorted((one, other) => one.at - other.at);
}
