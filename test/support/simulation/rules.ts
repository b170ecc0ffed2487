import assert from 'node:assert/strict';
import type { RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { Intent, RolloutEvent } from '../../../controller/core/event.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import { assertCommitted } from '../../../controller/core/invariants.ts';
import type { LimitsReading } from '../../../controller/core/limits.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import type { Slot } from '../../../controller/core/world.ts';
import { CapacityTruth, type TruthParts } from './capacity-truth.ts';
import { EffectRules } from './effect-rules.ts';
import { EndRules } from './end-rules.ts';
import { Ledger } from './ledger.ts';
import { QuorumTruth } from './quorum-truth.ts';
import type { Effect } from './simulated-host.ts';
import type { SimulatedQuorum } from './simulated-quorum.ts';

/** A halt that was acknowledged holds within this time (ms). */
const haltTakesMs = 1000;

export interface RuleParts extends TruthParts {
  /** By service. */
  readonly quorums: ReadonlyMap<string, SimulatedQuorum>;
  readonly limits: () => LimitsReading;
  /** Of the controller that leads. */
  readonly epoch: () => number;
  /** Called with each rule that was broken, in words. */
  readonly onBroken: (what: string) => void;
}

/**
 * What must hold after every commit and at every effect, checked against what the simulated hosts really are; and with it what the
 * production controller asserts after each of its commits, here by somebody who believes no controller.
 */
export class Rules {
  readonly broken: string[] = [];
  readonly ledger = new Ledger();
  readonly #parts: RuleParts;
  readonly #capacity: CapacityTruth;
  readonly #groups: readonly QuorumTruth[];
  readonly #effects: EffectRules;
  readonly #ends: EndRules;
  #haltedAt: number | null = null;

  constructor(parts: RuleParts) {
    this.#parts = parts;
    this.#capacity = new CapacityTruth(parts);
    this.#groups = [...parts.quorums.values()].map((quorum) => new QuorumTruth(quorum, parts.clock));
    this.#effects = new EffectRules(this.ledger, parts.hosts, () => parts.clock.now());
    this.#ends = new EndRules(this.ledger, parts.hosts);
  }

  /** Of all rollouts. */
  get journal(): readonly RolloutEvent[] {
    return this.ledger.journal;
  }

  get effects(): readonly Effect[] {
    return this.ledger.effects;
  }

  get slots(): readonly Slot[] {
    return this.ledger.slots;
  }

  get rollouts(): ReadonlyMap<string, Rollout> {
    return this.ledger.rollouts;
  }

  /** The first one; null: none was created. */
  get rollout(): Rollout | null {
    const [first = null] = this.ledger.rollouts.values();
    return first;
  }

  /** A person was told that everything is halted. */
  halted(): void {
    this.#haltedAt = this.#parts.clock.now();
  }

  unhalted(): void {
    this.#haltedAt = null;
  }

  /** A controller sends a request. One that was superseded is fenced by the hosts. */
  sent(request: RequestBody): void {
    if (this.#haltedAt === null || this.#parts.clock.now() - this.#haltedAt <= haltTakesMs) return;
    const isHarm =
      (request.verb === 'pool' && request.action.kind === 'drain') ||
      (request.verb === 'quorum' && request.action.kind === 'moveLeader') ||
      ['apply', 'rollback', 'reboot'].includes(request.verb);
    const protects = this.ledger.entered(request.token)?.intent.purpose === 'protect';
    const leads = request.epoch === this.#parts.epoch();
    this.#check(() => assert.ok(!isHarm || protects || !leads, `${request.token} was sent after a halt`));
  }

  committed(id: string, events: readonly RolloutEvent[], slots: readonly Slot[]): void {
    const { clock } = this.#parts;
    this.ledger.slots = slots;
    for (const event of events) {
      const rollout = this.ledger.append(id, event, clock.now());
      this.#check(() => this.#checkEvent(event, rollout));
    }
    const rollout = this.ledger.rollouts.get(id);
    const judged = events.some((event) => event.kind === 'slotTaken') ? this.#judged() : null;
    if (rollout !== undefined) this.#check(() => assertCommitted(events, rollout, slots, judged));
    const touched = new Set(events.flatMap((event) => ('host' in event ? [event.host] : [])));
    for (const host of touched) this.#check(() => this.#effects.checkTaken(host));
  }

  /** What the limits say now, by labels and models as they are. */
  #judged(): NonNullable<Parameters<typeof assertCommitted>[3]> {
    const { hosts, limits, quorums, clock } = this.#parts;
    const known = [...hosts].map(([id, { parts }]) => {
      const { labels } = parts.host;
      return [id, { labels, ownLabels: labels, hardwareModel: parts.machine.hardwareModel, silent: false }] as const;
    });
    const members = [...quorums].map(([service, quorum]) => {
      const facts = { observedAt: clock.now(), members: quorum.roll() };
      return [service, new Map([['', facts]])] as const;
    });
    return { limits: limits(), limiterFacts: { hosts: new Map(known) }, quorums: new Map(members) };
  }

  /** A host is about to do something to its users. */
  effect(effect: Effect): void {
    this.ledger.done(effect);
    this.#check(() => {
      for (const group of this.#groups) group.checkEffect(effect);
      this.#effects.check(effect);
    });
  }

  #checkEvent(event: RolloutEvent, rollout: Rollout): void {
    if (event.kind === 'slotTaken') {
      this.#checkTaken(event.host, `${event.host} was taken`);
      checkWindow(event, rollout);
    }
    if (event.kind === 'intended') this.#checkIntended(event, rollout);
    if (event.kind === 'finished' && event.outcome.kind === 'succeeded') {
      const step = this.ledger.entered(event.token)?.intent.step;
      if (step === 'verify') this.#effects.proven(rollout.id, event.host);
    }
    // What a person takes over is as that person finds it.
    if (event.kind === 'slotReleased' && event.reason?.code !== 'released') this.#ends.checkLetGo(event.host);
    if (event.kind === 'hostEnded') this.#ends.checkHostEnded(event.host, event.ending.kind, rollout);
    if (event.kind === 'ended') this.#ends.checkEnded(rollout);
  }

  /** Safety is asked again before the first drain and before each reboot. */
  #checkIntended({ action, purpose, host, token }: Intent, rollout: Rollout): void {
    if (purpose === 'protect') return;
    const isFirstDrain = action.kind === 'drain' && rollout.hosts.get(host)?.attempt === 1;
    if (isFirstDrain || action.kind === 'reboot') this.#checkTaken(host, `${token} was intended`);
  }

  #checkTaken(host: HostId, what: string): void {
    this.#capacity.checkTaken(
      host,
      this.slots.map((slot) => slot.host),
      what,
    );
  }

  /** Collected, since a throw inside a port would look like a failure of the world. */
  #check(rule: () => void): void {
    try {
      rule();
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      this.broken.push(what);
      this.#parts.onBroken(what);
    }
  }
}

/** Hosts are taken out in windows alone. Only those by UTC are judged here: the clocks of other zones are tested elsewhere. */
function checkWindow({ host, at }: Extract<RolloutEvent, { kind: 'slotTaken' }>, { plan }: Rollout): void {
  const { windows } = plan.fleet.policy;
  if (windows.length === 0 || windows.some(({ timeZone }) => timeZone !== 'UTC')) return;
  const time = new Date(at);
  const minute = time.getUTCHours() * 60 + time.getUTCMinutes();
  const isOpen = windows.some(
    ({ days, from, to }) => days.includes(time.getUTCDay()) && minute >= from && (minute < to || to <= from),
  );
  assert.ok(isOpen, `${host} was taken outside every window`);
}
