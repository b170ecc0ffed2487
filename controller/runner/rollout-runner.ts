import { InvariantError } from '../../lib/invariant-error.ts';
import { decide } from '../core/decide.ts';
import type { Intent, RolloutEvent, RolloutFact } from '../core/event.ts';
import { foldEvents } from '../core/evolve.ts';
import { assertCommitted } from '../core/invariants.ts';
import { comesBefore } from '../core/order.ts';
import type { Plan } from '../core/plan.ts';
import { quarantinedBy, whatIsTakenBack } from '../core/quarantine.ts';
import type { Rollout } from '../core/rollout.ts';
import { mayTakeOutHere } from '../core/dispatch.ts';
import type { Reason } from '../core/reason.ts';
import type { Halt, Slot, World } from '../core/world.ts';
import type { RunnerWitness } from '../ports/runner-witness.ts';
import { StaleEpochError, type Store } from '../ports/store.ts';
import type { Executors } from './executors.ts';
import { observe, type Observers } from './observe.ts';
import { perform } from './perform.ts';
import { NotWrittenError } from './not-written-error.ts';
import { recentRollouts } from './recent-rollouts.ts';
import { changesBy, harmless } from './told-changes.ts';

/** With nothing to wake it, the world is looked at this often (ms). */
const tickEveryMs = 250;
/** Decisions in a row within one tick; more of them would be a loop. */
const decisionsPerTick = 50;

export interface RunnerLog {
  info(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface RunnerParts extends Observers {
  readonly store: Store;
  readonly epoch: number;
  readonly executors: Executors;
  readonly log: RunnerLog;
  readonly witness: RunnerWitness;
}

/** A wish to append facts to a rollout, from outside the tick. */
interface Submission {
  readonly rollout: string;
  readonly facts: readonly RolloutFact[];
  readonly at: number;
  readonly done: (error: Error | null) => void;
}

/**
 * Carries out rollouts: observe -> decide -> commit -> evolve -> perform, again and again.
 * All writes go through its tick, so a rollout has one writer. What a predecessor left open is inspected, by `perform`, like anything else.
 */
export class RolloutRunner {
  readonly #parts: RunnerParts;
  readonly #witness: RunnerWitness;
  readonly #rollouts = new Map<string, Rollout>();
  readonly #recent = new Map<string, readonly RolloutEvent[]>();
  readonly #inFlight = new Set<string>();
  readonly #broken = new Set<string>();
  /** Rollouts whose last write failed. */
  readonly #unwritten = new Set<string>();
  readonly #submissions: Submission[] = [];
  readonly #waiters = new Set<() => void>();
  #slots: readonly Slot[] = [];
  #snapshot: World | null = null;
  #ticks = 0;
  /** A host has heard a later controller. */
  #superseded: StaleEpochError | null = null;
  #wake: () => void = () => undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#witness = harmless(parts.witness, parts.log);
  }

  /** Takes over every rollout that has not ended. */
  async load(): Promise<void> {
    for (const id of await this.#parts.store.rollouts('open')) {
      const rollout = foldEvents(id, await this.#parts.store.events(id));
      if (rollout !== null) this.#adopt(rollout);
    }
    for (const rollout of await recentRollouts(this.#parts, this.#rollouts)) this.#adopt(rollout);
    for (const [host, report] of await this.#parts.store.reports()) this.#parts.guard.recordReport(host, report);
    this.#parts.guard.setHalt(await this.#parts.store.halt());
    await this.readQuarantine();
    this.#slots = await this.#parts.store.slots();
    for (const rollout of this.open()) {
      const fact: RolloutFact = { kind: 'takenOver', epoch: this.#parts.epoch };
      if (rollout.startedAt !== null) this.#append(rollout.id, fact, this.#parts.clock.now(), () => undefined);
    }
  }

  /** As the store has it now. */
  async readQuarantine(): Promise<void> {
    this.#parts.guard.setQuarantine(await this.#parts.store.quarantine());
  }

  /** Halts or goes on, fleet-wide: on disk first, then here, then in the journal of every rollout that it touches. */
  async setHalt(halt: Halt | null, by: string): Promise<void> {
    await this.#parts.store.saveHalt(halt);
    this.#parts.guard.setHalt(halt);
    const fact: RolloutFact = halt === null ? { kind: 'unhalted', by } : { kind: 'halted', by, text: halt.text };
    const tell = (id: string): Promise<void> =>
      this.submit(id, [fact]).catch((error: unknown) => {
        // One that ends at this very moment needs no such entry.
        if (this.get(id)?.endedAt === null) throw error;
      });
    await Promise.all(this.open().map((rollout) => tell(rollout.id)));
  }

  #adopt(rollout: Rollout): void {
    this.#rollouts.set(rollout.id, rollout);
    this.#recent.set(rollout.id, []);
  }

  /** Makes and starts a new rollout of a stored plan, under a new id. In one write: a crash leaves no rollout that nobody can start or end. */
  async create(id: string, plan: Plan, by: string): Promise<void> {
    const { store, clock, epoch } = this.#parts;
    const at = clock.now();
    const events: readonly RolloutEvent[] = [
      { at, kind: 'created', plan, by },
      { at, kind: 'started', by },
      ...whatIsTakenBack(id, plan, by).map((fact) => ({ at, ...fact })),
    ];
    await store.commit({ epoch, rollout: id, expectedCount: 0, events, mayTake: () => null });
    this.#parts.guard.addQuarantine(quarantinedBy(events));
    for (const { event, before, after } of changesBy(events, id, null)) {
      this.#adopt(after);
      this.#witness.committed(event, before, after);
    }
    this.wake();
  }

  /** The rollout as this process knows it; undefined for one that had ended long before it started. */
  get(id: string): Rollout | undefined {
    return this.#rollouts.get(id);
  }

  /** Those that have not ended, and those that have lately. */
  lately(): readonly Rollout[] {
    return [...this.#rollouts.values()];
  }

  /** All rollouts that have not ended; whoever gets the next free slot first. */
  open(): readonly Rollout[] {
    return [...this.#rollouts.values()]
      .filter((rollout) => rollout.endedAt === null)
      .sort((one, other) => (comesBefore(one, other) ? -1 : 1));
  }

  recent(id: string): readonly RolloutEvent[] {
    return this.#recent.get(id) ?? [];
  }

  world(): World {
    return this.#worldWith(this.#slots);
  }

  /** One snapshot for everybody who decides in this tick, until one of them has changed something. */
  #seen(): World {
    return (this.#snapshot ??= this.world());
  }

  #worldWith(slots: readonly Slot[]): World {
    const { board, guard, quorums, silent } = this.#parts;
    const base = board.world(slots, this.open(), silent.words());
    return { ...base, quorums: quorums.all(), ...guard.facts(base.hosts, slots, [...this.#rollouts.values()]) };
  }

  /** Does a host of this rollout hold a slot right now? */
  isSomebodyOut(rollout: string): boolean {
    return this.#slots.some((slot) => slot.rollout === rollout);
  }

  /** Appends facts at the next tick; resolves when they are on disk. */
  submit(rollout: string, facts: readonly RolloutFact[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
      this.#submissions.push({ rollout, facts, at: this.#parts.clock.now(), done });
      this.wake();
    });
  }

  /** Resolves at the next change of any rollout, or when the signal aborts. */
  nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const tell = (): void => {
        this.#waiters.delete(tell);
        resolve();
      };
      this.#waiters.add(tell);
      signal.addEventListener('abort', tell, { once: true });
    });
  }

  wake(): void {
    this.#wake();
  }

  /** A host has heard a later controller: `run` ends with this error. */
  supersede(error: StaleEpochError): void {
    this.#superseded = error;
    this.wake();
  }

  /** How often the world has been looked at to the end: it stands still when this process hangs. */
  get ticks(): number {
    return this.#ticks;
  }

  /** Runs until the signal aborts. Throws StaleEpochError when another controller has taken over. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Woken during the tick, the sleep is over before it begins.
      const pause = new AbortController();
      // A reason of our own: the default one is an error with its stack, too much for every fact that arrives.
      const wake = (): void => pause.abort('woken');
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      const startedAt = this.#parts.clock.monotonic();
      await this.#tick();
      this.#witness.ticked(this.#parts.clock.monotonic() - startedAt);
      this.#ticks += 1;
      await this.#parts.clock.sleep(tickEveryMs, pause.signal);
      signal.removeEventListener('abort', wake);
    }
  }

  async #tick(): Promise<void> {
    if (this.#superseded !== null) throw this.#superseded;
    this.#snapshot = null;
    await this.#commitSubmissions();
    await this.#decideInTurn();
    observe(this.#parts, this.open(), this.#seen());
    // Whatever was running has paused for them; what no rollout asked about must not pause the next one.
    if (this.#atWork().every((rollout) => rollout.state !== 'running')) this.#parts.board.forgetProbeFailures();
  }

  /** Without those that a bug has stopped. */
  #atWork(): readonly Rollout[] {
    return this.open().filter((rollout) => !this.#broken.has(rollout.id));
  }

  /** Whoever comes first decides first, and again after each decision of another one: a slot that was just given back is theirs to take. */
  async #decideInTurn(): Promise<void> {
    const order = this.#atWork().map((rollout) => rollout.id);
    const counts = new Map<string, number>();
    for (let index = 0; index < order.length;) {
      const id = order[index] ?? '';
      const count = counts.get(id) ?? 0;
      const hasDecided = await this.#advance(id, count);
      if (hasDecided) counts.set(id, count + 1);
      index = hasDecided ? 0 : index + 1;
    }
  }

  /** False: there is something to wait for, or something went wrong. `count`: how often it has decided in this tick. */
  async #advance(id: string, count: number): Promise<boolean> {
    try {
      if (count >= decisionsPerTick)
        throw new InvariantError(`rollout ${id} decided ${count} times without waiting for anything`);
      return await this.#decide(id);
    } catch (error) {
      if (error instanceof StaleEpochError || !(error instanceof Error)) throw error;
      this.#leave(id, error);
      return false;
    }
  }

  /** A store that cannot be written is tried again with every tick, and told of once; a bug stops the rollout. */
  #leave(id: string, error: Error): void {
    if (this.#broken.has(id)) return;
    if (this.#unwritten.has(id) && error instanceof NotWrittenError) return;
    const isBug = !(error instanceof NotWrittenError);
    (isBug ? this.#broken : this.#unwritten).add(id);
    this.#parts.log.error(
      { rollout: id, error: error.stack },
      isBug
        ? 'the rollout is stopped by a bug; its state on disk is intact'
        : 'the store cannot be written: nothing new is begun until it can',
    );
  }

  async #commitSubmissions(): Promise<void> {
    for (const each of this.#submissions.splice(0)) {
      try {
        await this.#commit(
          each.rollout,
          each.facts.map((fact) => ({ at: each.at, ...fact })),
        );
        each.done(null);
      } catch (error) {
        each.done(error instanceof Error ? error : new Error(String(error)));
        if (error instanceof StaleEpochError) throw error;
      }
    }
  }

  async #decide(id: string): Promise<boolean> {
    const rollout = this.#rollouts.get(id);
    if (rollout === undefined || rollout.endedAt !== null || this.#broken.has(id)) return false;
    this.#performOpen(rollout);
    const events = decide(rollout, this.#seen(), this.#parts.clock.now(), this.#parts.timing);
    const committed = await this.#commitDecision(id, events);
    return committed && events.length > 0;
  }

  /** Each slot is its own transaction: one that safety refuses at the last moment must not undo the others. */
  async #commitDecision(id: string, events: readonly RolloutEvent[]): Promise<boolean> {
    const { prober, quorums, clock } = this.#parts;
    const ends = events.some((event) => event.kind === 'ended');
    const counts = [...prober.takeCounts(id, ends), ...quorums.take(id, ends)].map((fact) => ({
      at: clock.now(),
      ...fact,
    }));
    const others = events.filter((event) => event.kind !== 'slotTaken');
    let all = await this.#commit(id, [...counts, ...others], new Set(others));
    for (const taken of events.filter((event) => event.kind === 'slotTaken'))
      all = (await this.#commit(id, [taken], new Set([taken]))) && all;
    return all;
  }

  async #commit(
    id: string,
    events: readonly RolloutEvent[],
    fresh: ReadonlySet<RolloutEvent> = new Set(),
  ): Promise<boolean> {
    const rollout = this.#rollouts.get(id);
    if (rollout === undefined || events.length === 0) return true;
    // Folded before it is written: what cannot follow must not reach the disk.
    const changes = changesBy(events, id, rollout);
    const next = changes.at(-1)?.after ?? rollout;
    const { store, epoch } = this.#parts;
    const taken = events.flatMap((event) => (event.kind === 'slotTaken' ? [event.host] : []));
    let judged: World | null = null;
    const mayTake = (slots: readonly Slot[]): Reason | null => {
      judged = this.#worldWith(slots);
      return mayTakeOutHere(taken, rollout, judged, this.#parts.clock.now(), this.#parts.timing);
    };
    const result = await store
      .commit({ epoch, rollout: id, expectedCount: rollout.eventCount, events, mayTake })
      .catch((error: unknown) => {
        throw error instanceof StaleEpochError || error instanceof InvariantError ? error : new NotWrittenError(error);
      });
    this.#unwritten.delete(id);
    if (result.kind === 'refused') return false;
    this.#rollouts.set(id, next);
    this.#recent.set(id, [...this.recent(id), ...events].slice(-200));
    this.#slots = result.slots;
    this.#snapshot = null;
    for (const { event, before, after } of changes) this.#witness.committed(event, before, after);
    this.#parts.guard.addQuarantine(quarantinedBy(events));
    this.#assertSound(events, next, judged);
    for (const event of events) if (event.kind === 'intended' && fresh.has(event)) this.#begin(event, next, true);
    this.#announce();
    return true;
  }

  /** A bug that has reached the disk all the same: nothing more of the rollout is begun. `judged`: what a slot was asked for by. */
  #assertSound(events: readonly RolloutEvent[], rollout: Rollout, judged: World | null): void {
    try {
      assertCommitted(events, rollout, this.#slots, judged);
    } catch (error) {
      if (error instanceof InvariantError) this.#leave(rollout.id, error);
      throw error;
    }
  }

  /** Intents that a predecessor left open, or that failed to begin: looked into, never sent blind. */
  #performOpen(rollout: Rollout): void {
    for (const intent of rollout.openIntents.values())
      if (!this.#inFlight.has(intent.token)) this.#begin(intent, rollout, false);
  }

  #begin(intent: Intent, rollout: Rollout, fresh: boolean): void {
    this.#inFlight.add(intent.token);
    perform(intent, rollout, fresh, this.#parts.executors)
      .then(({ outcome, at }) => {
        const fact: RolloutFact = { kind: 'finished', host: intent.host, token: intent.token, outcome };
        this.#append(rollout.id, fact, at, () => void this.#inFlight.delete(intent.token));
      })
      .catch((error: unknown) => {
        // Without a record of the outcome the intent stays open and is inspected: at the next tick, or by a successor.
        this.#inFlight.delete(intent.token);
        this.#parts.log.error({ token: intent.token, error: String(error) }, 'an intent ended without an outcome');
      });
  }

  #append(rollout: string, fact: RolloutFact, at: number, done: Submission['done']): void {
    this.#submissions.push({ rollout, facts: [fact], at, done });
    this.wake();
  }

  #announce(): void {
    for (const waiter of this.#waiters) waiter();
    this.#waiters.clear();
  }
}
