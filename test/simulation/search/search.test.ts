import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { makeScenario } from './make-scenario.ts';
import { runSeed } from './run-scenario.ts';
import type { ScenarioKind } from './scenario.ts';
import { playSeed } from './seed-worker.ts';
import { playSeeds } from './seed-workers.ts';
import { isGood, Tally } from './tally.ts';

/** `./scripts/simulate` plays thousands of them. */
const seeds = Array.from({ length: 24 }, (_, index) => index + 1);
const twice = new Set(seeds.slice(0, 8));

function scenariosOf(kind: ScenarioKind): readonly ReturnType<typeof makeScenario>[] {
  return Array.from({ length: 300 }, (_, index) => makeScenario(index + 1)).filter((each) => each.kind === kind);
}

describe('the search by seeds', () => {
  it('breaks no rule, comes to rest with a reason for every host, and plays the same seed the same way', async () => {
    const tally = new Tally();
    for (const seed of seeds) {
      const result = await playSeed({ seed, twice: twice.has(seed) });
      assert.equal(result.broken, null, `seed ${seed} (./scripts/simulate --seed ${seed}): ${result.broken ?? ''}`);
      tally.add(result);
    }

    assert.ok(isGood(tally.result(1, 1)), JSON.stringify(tally.result(1, 1)));
  }).timeout(120_000);

  it('plays seeds in threads and gets the same', async () => {
    const stop = new AbortController();
    const found: [number, number][] = [];

    await playSeeds({
      ...{ seeds: [1, 2, 3], twice: false, threads: 2, signal: stop.signal },
      onResult: ({ seed, events }) => found.push([seed, events]),
    });

    const expected = await Promise.all([1, 2, 3].map(async (seed) => [seed, (await runSeed(seed)).events]));
    assert.deepEqual(
      found.toSorted(([one], [other]) => one - other),
      expected,
    );
  }).timeout(120_000);

  it('tells the story of a seed, one line for each event', async () => {
    const { story, events } = await runSeed(2, { story: true });

    assert.equal(story.length, events);
    for (const line of story) assert.match(line, /^ +-?\d+\.\d{3} {2}[JHFPCX] {2}/);
    assert.ok(story.some((line) => / J {2}r1 .* slotTaken$/.test(line)));
  });
});

describe('a seed', () => {
  it('always stands for the same scenario, and another seed for another one', () => {
    assert.deepEqual(makeScenario(7), makeScenario(7));
    assert.notDeepEqual(makeScenario(7).site, makeScenario(8).site);
  });

  it('brings nothing that a person would have to mend where everything is to heal by itself', () => {
    for (const { faults, deeds } of scenariosOf('healing')) {
      for (const fault of faults) assert.ok(!('to' in fault) || fault.to < Infinity, fault.kind);
      const lasting = ['step-fails', 'step-interrupted', 'never-returns', 'power-lost', 'probe-fails'];
      assert.ok(!faults.some((fault) => lasting.includes(fault.kind)));
      assert.ok(!deeds.some((deed) => ['abort', 'release', 'edit-fleet'].includes(deed.kind)));
    }
  });

  it('brings in nothing at all where everything is calm', () => {
    for (const { faults, deeds } of scenariosOf('calm')) assert.deepEqual([faults, deeds], [[], []]);
  });

  it('brings, among many, every fault and every deed that there is', () => {
    const scenarios = (['calm', 'healing', 'anything'] as const).flatMap(scenariosOf);
    const faults = new Set(scenarios.flatMap((each) => each.faults.map((fault) => fault.kind)));
    const deeds = new Set(scenarios.flatMap((each) => each.deeds.map((deed) => deed.kind)));

    assert.deepEqual([...faults].sort(), everyFault);
    assert.deepEqual([...deeds].sort(), everyDeed);
  });
});

const everyFault = [
  ...['agent-lies', 'agent-silent', 'balancer-restarts', 'beats-late', 'beats-twice', 'boots-again'],
  ...['connects-slowly', 'cut-off', 'delivered-late', 'delivered-twice', 'drain-never-ends', 'dropped-during'],
  ...['leader-elected', 'member-cut', 'member-lags', 'never-returns', 'not-in-pool', 'old-kernel-after-boot'],
  ...['power-lost', 'probe-fails', 'replies-cut', 'reply-lost', 'returns-late', 'server-unseen', 'service-down'],
  ...['set-by-hand', 'shows-old', 'sick-after-apply', 'ssh-cut', 'step-fails', 'step-interrupted', 'unreachable'],
];
const everyDeed = [
  ...['abort', 'clock-set', 'crash', 'edit-fleet', 'freeze', 'halt', 'limits-unreadable', 'pause', 'release', 'retry'],
  'store-fails',
];
