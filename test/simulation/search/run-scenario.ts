import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { Change } from '../../../controller/core/change.ts';
import { foldEvents } from '../../../controller/core/evolve.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import type { RolloutState } from '../../../controller/core/rollout.ts';
import { SimulatedFleet } from '../../support/simulation/simulated-fleet.ts';
import { assertWaitsForPerson, untilRest } from './at-rest.ts';
import { installedVersions, makeScenario } from './make-scenario.ts';
import { People } from './people.ts';
import { quietAt, type RolloutStart, type Scenario, type ScenarioKind } from './scenario.ts';
import { scheduleDeeds } from './schedule-deeds.ts';

/** So often people come by after everything has been mended, before a rollout counts as stuck. */
const visitsMax = 15;
/** Whoever was mended only now catches up; a member that was away for hours needs minutes (ms). */
const catchUpMs = 10_000;
const membersCatchUpMs = 1_800_000;

/** A simulated host is out for about so long (ms). */
const expectedMs = 15_000;

/** What became of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly kind: ScenarioKind;
  readonly hosts: number;
  /** Of each rollout when nobody had helped yet. */
  readonly rested: readonly RolloutState[];
  /** Every rollout had ended by then, or waited for a person and said why. */
  readonly atRest: boolean;
  /** What broke; null: nothing. */
  readonly broken: string | null;
  /** Lines of the story. */
  readonly events: number;
  readonly virtualMs: number;
  /** Of the whole story, where it was asked for. */
  readonly storyHash: string | null;
  /** The whole story, where something broke or it was asked for. */
  readonly story: readonly string[];
}

export interface RunOptions {
  readonly hash?: boolean;
  readonly story?: boolean;
}

/** Plays one seed to its end. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<SeedResult> {
  const scenario = makeScenario(seed);
  const run = new ScenarioRun(scenario);
  const broken = await run.play().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const { fleet, rested } = run;
  if (broken !== null) fleet.story.tell('X', broken);
  const wanted = broken !== null || options.story === true;
  const lines = wanted || options.hash === true ? fleet.story.lines() : [];
  return {
    ...{
      seed,
      kind: scenario.kind,
      hosts: scenario.site.hosts.length,
      rested: rested ?? [],
      atRest: rested !== null,
      broken,
    },
    ...{ events: fleet.story.length, virtualMs: fleet.clock.monotonic(), story: wanted ? lines : [] },
    storyHash: options.hash === true ? createHash('sha256').update(lines.join('\n')).digest('hex') : null,
  };
}

class ScenarioRun {
  readonly fleet: SimulatedFleet;
  /** State of each rollout at the first rest; null before. */
  rested: readonly RolloutState[] | null = null;
  readonly #scenario: Scenario;
  readonly #people: People;
  /** Rollouts that have not begun yet, or whose controller has not answered. */
  #toBegin: number;

  constructor(scenario: Scenario) {
    const { site, seed, faults, limits, rollouts } = scenario;
    const change = rollouts[0]?.change;
    assert.ok(change !== undefined);
    this.#scenario = scenario;
    this.#toBegin = rollouts.length - 1;
    this.fleet = new SimulatedFleet({
      ...{ seed, faults, change, fleet: site.fleet, hosts: site.hosts, learners: site.learners },
      ...{ versions: installedVersions, modelOf: (host) => site.models.get(host) ?? '', expectedMs },
    });
    if (limits !== null) this.fleet.limits = { kind: 'limits', limits };
    this.#people = new People(this.fleet);
  }

  /** Throws with what broke. */
  async play(): Promise<void> {
    const { fleet } = this;
    await fleet.startRollout();
    for (const later of this.#scenario.rollouts.slice(1))
      fleet.clock.at(fleet.clock.now() + later.at, () => this.#begin(later));
    scheduleDeeds(this.#scenario.deeds, fleet, this.#people);
    await this.#rest(quietAt(this.#scenario));
    this.#assertNoBug();
    assertWaitsForPerson(fleet, this.#people);
    this.rested = [...fleet.rules.ledger.rollouts.values()].map((rollout) => rollout.state);
    if (this.#scenario.kind === 'calm') this.#assertCalm();
    await this.#bringToAnEnd();
    this.#assertAllIsBack();
    await this.#assertJournalsAreTrue();
  }

  #rest(quietAtMs: number): Promise<void> {
    return untilRest(this.fleet, this.#people, { allBegun: () => this.#toBegin === 0, quietAtMs });
  }

  /** What `zdms apply` does with one more change. */
  #begin({ id, change }: RolloutStart): void {
    const { fleet } = this;
    const plan = this.#plan(id, change);
    if (plan === null) {
      this.#toBegin -= 1;
      return;
    }
    fleet.story.tell('P', `bob begins ${id}`);
    void fleet.process.runner
      .create(id, plan, 'bob')
      .catch((error: unknown) => fleet.story.tell('P', `${id} was not begun: ${String(error)}`))
      .finally(() => (this.#toBegin -= 1));
  }

  #plan(id: string, change: Change): Plan | null {
    const { fleet } = this;
    try {
      const plan = fleet.planFor(change);
      if (plan.hosts.length > 0) return plan;
      fleet.story.tell('P', `there is nothing to do for ${id}`);
    } catch (error) {
      if (!(error instanceof ZdmsError)) throw error;
      fleet.story.tell('P', `${id} cannot be planned: ${error.message}`);
    }
    return null;
  }

  /** Everything is mended, and people do what there is to do: then it has to come to an end. */
  async #bringToAnEnd(): Promise<void> {
    const { fleet } = this;
    const people = this.#people;
    fleet.story.tell('P', 'everything is mended, and no limit is left that would take an hour');
    fleet.heal();
    if (fleet.limits.kind === 'limits')
      fleet.limits = { kind: 'limits', limits: { ...fleet.limits.limits, rebootsPerHour: null, errorBudget: null } };
    for (let visit = 0; people.open().length > 0; visit += 1) {
      if (visit === visitsMax) throw new Error(`it does not end, whatever one does\n${fleet.standing()}`);
      people.visit(visit);
      await this.#rest(0);
      this.#assertNoBug();
    }
    people.putBack();
    await fleet.pass(catchUpMs);
    await fleet.until('every member has caught up', () => this.#lagging().length === 0, membersCatchUpMs);
  }

  #assertNoBug(): void {
    const { errors, stoppedBy } = this.fleet.process;
    const bugs = errors.filter((error) => !error.includes('NotWrittenError'));
    assert.deepEqual(bugs, [], 'the controller has met a bug');
    assert.equal(stoppedBy, null, 'the controller stopped itself');
  }

  /** Nothing went wrong, so no user noticed anything and nobody had anything to do. */
  #assertCalm(): void {
    for (const { id, state, probes } of this.fleet.rules.ledger.rollouts.values()) {
      assert.equal(state, 'done', `nothing went wrong, and ${id} is ${state}\n${this.fleet.standing()}`);
      for (const [service, { failed }] of probes) assert.equal(failed, 0, `${failed} requests to ${service} failed`);
    }
  }

  /** Nobody is missing, and nothing of ours is left. */
  #assertAllIsBack(): void {
    const { hosts, rules } = this.fleet;
    for (const host of hosts.values()) assert.ok(host.isHealthy, `${host.id} is not well at the end`);
    assert.deepEqual(this.#lagging(), [], 'members are not well at the end');
    assert.deepEqual(rules.slots, [], 'slots are left');
    for (const host of hosts.keys()) assert.ok(!this.fleet.isDrained(host), `${host} is left drained`);
  }

  /** Groups with members that are not well, or have not caught up. */
  #lagging(): readonly string[] {
    const { quorums } = this.fleet;
    return [...quorums].flatMap(([name, group]) => (group.healthy().length === group.members.length ? [] : [name]));
  }

  /** What is on disk folds to what everybody believes, and its chain is sound. */
  async #assertJournalsAreTrue(): Promise<void> {
    const { rules, store } = this.fleet;
    for (const [id, rollout] of rules.ledger.rollouts) {
      assert.equal(
        foldEvents(id, await store.events(id))?.state,
        rollout.state,
        `the journal of ${id} tells another story`,
      );
      assert.equal((await store.verifyJournal(id)).firstBroken, null, `the chain of ${id} is broken`);
    }
  }
}
