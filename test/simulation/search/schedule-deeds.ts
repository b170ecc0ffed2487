import { noLimits } from '../../support/world-of.ts';
import type { SimulatedFleet } from '../../support/simulation/simulated-fleet.ts';
import type { People } from './people.ts';
import type { Deed } from './scenario.ts';

/** Lets each deed be done at its moment, counted from now. */
export function scheduleDeeds(deeds: readonly Deed[], fleet: SimulatedFleet, people: People): void {
  const store = new FailingStore(fleet);
  for (const deed of deeds) fleet.clock.at(fleet.clock.now() + deed.at, () => act(deed, fleet, people, store));
}

/** Fails for as long as any of those who break it says so. */
class FailingStore {
  readonly #fleet: SimulatedFleet;
  #until = 0;

  constructor(fleet: SimulatedFleet) {
    this.#fleet = fleet;
    fleet.onCommitting = () => {
      if (fleet.clock.now() < this.#until) throw new Error('database or disk is full');
    };
  }

  fail(forMs: number): void {
    this.#until = Math.max(this.#until, this.#fleet.clock.now() + forMs);
  }
}

function act(deed: Deed, fleet: SimulatedFleet, people: People, store: FailingStore): void {
  const { clock, story } = fleet;
  const later = (ms: number, run: () => void): void => void clock.at(clock.now() + ms, run);
  switch (deed.kind) {
    case 'crash':
      return crash(deed, fleet, later);
    case 'freeze':
      return freeze(deed, fleet, later);
    case 'store-fails':
      story.tell('C', `the store cannot be written for ${deed.forMs} ms`);
      return store.fail(deed.forMs);
    case 'clock-set':
      story.tell('C', `the clock is set by ${deed.byMs} ms for ${deed.forMs} ms`);
      fleet.stepClock(deed.byMs);
      return later(deed.forMs, () => fleet.stepClock(-deed.byMs));
    case 'limits-unreadable': {
      const before = fleet.limits;
      story.tell('P', `limits.yaml cannot be read for ${deed.forMs} ms`);
      fleet.limits = { kind: 'unreadable', detail: 'it is half written' };
      return later(
        deed.forMs,
        () => (fleet.limits = before.kind === 'limits' ? before : { kind: 'limits', limits: noLimits }),
      );
    }
    case 'halt':
      people.halt();
      return later(deed.forMs, () => people.unhalt());
    case 'pause':
      people.pause(deed.rollout);
      return later(deed.forMs, () => people.resumeOwn(deed.rollout));
    case 'abort':
      return people.abort(deed.rollout);
    case 'edit-fleet':
      story.tell('P', 'somebody edits the fleet file');
      fleet.fleetFile = edited(fleet.fleetFile);
      return;
    case 'retry':
      for (const { host, rollout } of people.held().slice(0, 1)) people.retry(host, rollout);
      return;
    case 'release':
      for (const { host, rollout } of people.held().slice(0, 1)) people.release(host, rollout);
      return;
  }
}

type Later = (ms: number, run: () => void) => void;

function crash({ forMs }: Extract<Deed, { kind: 'crash' }>, fleet: SimulatedFleet, later: Later): void {
  fleet.story.tell('C', `the controller is killed for ${forMs} ms`);
  fleet.process.kill();
  later(forMs, () => startAgain(fleet));
}

function startAgain(fleet: SimulatedFleet): void {
  if (!fleet.process.isAlive) void fleet.startController();
}

function freeze(
  { forMs, successorAfterMs }: Extract<Deed, { kind: 'freeze' }>,
  fleet: SimulatedFleet,
  later: Later,
): void {
  const frozen = fleet.process;
  fleet.story.tell('C', `the controller of epoch ${frozen.epoch} is frozen for ${forMs} ms`);
  frozen.pause();
  if (successorAfterMs !== null)
    later(successorAfterMs, () => {
      if (fleet.process === frozen) void fleet.startController();
    });
  later(forMs, () => {
    fleet.story.tell('C', `the controller of epoch ${frozen.epoch} goes on`);
    frozen.resume();
  });
}

function edited(fleet: SimulatedFleet['fleetFile']): SimulatedFleet['fleetFile'] {
  return { ...fleet, policy: { ...fleet.policy, stopAfterHosts: fleet.policy.stopAfterHosts + 1 } };
}
