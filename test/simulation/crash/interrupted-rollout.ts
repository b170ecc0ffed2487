import assert from 'node:assert/strict';
import { type Side, withBoundaries } from '../../support/boundaries.ts';
import type { ControllerProcess } from '../../support/simulation/controller-process.ts';
import type { ProcessLife } from '../../support/simulation/process-life.ts';
import { SimulatedFleet, type SimulationOptions } from '../../support/simulation/simulated-fleet.ts';

/** `crash`: SIGKILL. `pause`: SIGSTOP, and SIGCONT when a successor has taken over. */
export type How = 'crash' | 'pause';

/** A successor starts this long after a controller has been interrupted (ms), unless told. */
const soonMs = 400;
/** One that stands still goes on so long after its successor has started (ms): before anybody has heard of that one, in the middle of its work, at its end. */
const goesOnAfterMs = [0, 10, 700, 5000] as const;
/** A superseded controller has something to write, or somebody who tells it, within this time (ms). */
const noticesWithinMs = 10_000;

/** What is to happen to one controller of a rollout. */
export interface Interruption {
  /** The n-th time that this controller crosses a side of a boundary, from 1. */
  readonly at: number;
  readonly how: How;
}

/** One side of one boundary, as it was crossed. */
export interface Crossing {
  readonly side: Side;
  readonly names: readonly string[];
}

/**
 * A rollout whose first controller is interrupted, and after it, where so told, its successors.
 * Counted from the moment at which the rollout is on disk: before there is nothing to take over.
 */
export class InterruptedRollout {
  readonly fleet: SimulatedFleet;
  /** What each controller crossed, in turn. */
  readonly crossings: Crossing[][] = [];
  readonly #interruptions: readonly Interruption[];
  readonly #successorAfterMs: number;
  readonly #paused: ControllerProcess[] = [];
  readonly #lives: ProcessLife[] = [];

  constructor(options: SimulationOptions, interruptions: readonly Interruption[], successorAfterMs = soonMs) {
    this.fleet = new SimulatedFleet(options);
    this.#interruptions = interruptions;
    this.#successorAfterMs = successorAfterMs;
    this.fleet.between = (ports, life) => {
      const index = this.#lives.push(life) - 1;
      this.crossings.push([]);
      return withBoundaries(ports, {
        cross: async (names, side) => {
          this.#cross(index, { names, side });
          await life.running();
        },
        soon: (run) => void this.fleet.clock.at(this.fleet.clock.now(), () => void run()),
      });
    };
    this.fleet.onDelivered = ({ verb, token, epoch }) => {
      const sender = this.fleet.controller;
      if (sender?.epoch === epoch)
        this.#cross(this.#lives.length - 1, { names: [`delivery ${verb} ${token}`], side: 'after' });
    };
  }

  /** How many of the interruptions have happened. */
  get happened(): number {
    return this.#interruptions.filter(({ at }, index) => (this.crossings[index]?.length ?? 0) >= at).length;
  }

  /** Runs it to its end, with whatever else is to happen on the way. Throws where it does not end, or breaks a rule. */
  async run(meanwhile: (fleet: SimulatedFleet) => Promise<void> = async () => undefined): Promise<void> {
    await this.fleet.startRollout();
    await meanwhile(this.fleet);
    await this.fleet.untilEnded();
    for (const old of this.#paused)
      await this.fleet.until(
        'the superseded controller has noticed',
        () => old.stoppedBy !== null || (old.isRunning && old.runner.open().length === 0),
        noticesWithinMs,
      );
  }

  #cross(index: number, crossing: Crossing): void {
    const life = this.#lives[index];
    if (this.fleet.rules.rollout === null || life?.isRunning !== true) return;
    const count = this.crossings[index]?.push(crossing);
    const interruption = this.#interruptions[index];
    if (interruption === undefined || count !== interruption.at) return;
    const { clock } = this.fleet;
    if (interruption.how === 'crash') life.kill();
    else this.#pause(life, interruption.at);
    clock.at(clock.now() + this.#successorAfterMs, () => void this.fleet.startController());
  }

  #pause(life: ProcessLife, at: number): void {
    const { clock } = this.fleet;
    life.pause();
    this.#paused.push(this.fleet.process);
    const goesOnAt = clock.now() + this.#successorAfterMs + (goesOnAfterMs[at % goesOnAfterMs.length] ?? 0);
    clock.at(goesOnAt, () => life.resume());
  }

  /** Every host was patched once and booted once, everything was put back, and whoever was superseded is gone. */
  async assertAllIsWell(): Promise<void> {
    const { fleet } = this;
    assert.equal(fleet.rollout.state, 'done', fleet.standing());
    for (const id of fleet.rollout.hosts.keys()) {
      const host = fleet.host(id);
      assert.equal(host.boots, 1, `${id} booted ${host.boots} times`);
      assert.deepEqual(host.versions, { zdemo: '1.1.0' });
      const applies = fleet.rules.effects.filter((effect) => effect.host === id && effect.kind === 'apply');
      assert.equal(applies.length, 1, `${id} was patched ${applies.length} times`);
    }
    for (const old of this.#paused) assert.ok(['StaleEpochError', undefined].includes(old.stoppedBy?.name));
    // Fenced by its epoch, not saved by a check that finds bugs.
    for (const { errors } of [...this.#paused, fleet.process])
      assert.ok(!errors.join().includes('InvariantError'), errors[0]);
    assert.equal((await fleet.store.verifyJournal(fleet.id)).firstBroken, null);
    assert.deepEqual(fleet.rules.broken, []);
  }
}

/**
 * Where it makes a difference to interrupt a controller, as numbers for `Interruption.at`. Not after it has heard something, since
 * that dies with it; and of polls that are repeated while nothing is written down, at the first.
 */
export function pointsOf(crossings: readonly Crossing[]): readonly number[] {
  const seen = new Map<string, number>();
  let commits = 0;
  return crossings.flatMap(({ side, names: [name = ''] }, index) => {
    const isCommit = name.startsWith('commit');
    if (isCommit) commits += 1;
    else if (side === 'after' && !name.startsWith('send') && !name.startsWith('delivery')) return [];
    const key = `${side} ${name}`;
    if (seen.get(key) === commits) return [];
    seen.set(key, commits);
    return [index + 1];
  });
}
