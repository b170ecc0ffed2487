import { decide } from '../../controller/core/decide.ts';
import type { Intent, Outcome, RolloutEvent, RolloutFact } from '../../controller/core/event.ts';
import { evolve } from '../../controller/core/evolve.ts';
import { type Host, selectHosts } from '../../controller/core/fleet.ts';
import type { Plan } from '../../controller/core/plan.ts';
import type { Reason } from '../../controller/core/reason.ts';
import type { HostProgress, Rollout } from '../../controller/core/rollout.ts';
import type { Step } from '../../controller/core/step.ts';
import type { Timing } from '../../controller/core/timing.ts';
import { whyNot } from '../../controller/core/why.ts';
import type { HostFacts, ServerFacts, Slot, World } from '../../controller/core/world.ts';
import {
  evidence,
  healthy,
  noon,
  planOf,
  rolloutOf,
  shopHosts,
  timing as usual,
  upgrade,
  worldOf,
  oneStage,
} from './world-of.ts';
import { type GroupLook, groupReadings } from './voting.ts';

export const succeeded: Outcome = { kind: 'succeeded', evidence };
export const unreachable: Outcome = { kind: 'unreachable', detail: 'no route' };
export const unknown: Outcome = { kind: 'unknown', detail: 'the answer was lost' };

export function failed(code = 'disk-full'): Outcome {
  return { kind: 'failed', failure: { code, message: 'as the test says' }, evidence: null };
}

/** A plan for web-1 alone. */
export function planForOne(overrides: Parameters<typeof planOf>[0] = {}): Plan {
  const change = {
    ...upgrade,
    where: { kind: 'ids', ids: ['web-1'] } as const,
    stages: oneStage,
  };
  return planOf({ change, ...overrides });
}

/** One rollout driven by hand, by the pure core alone: a test says what becomes of each intent and what the world shows. */
export class Journey {
  rollout: Rollout;
  now = noon;
  readonly timing: Timing;
  /** Overrides of an otherwise healthy world; null: this host has never reported. */
  hosts: Record<string, HostFacts | null> = {};
  /** What both balancers show; drains and undrains that succeed change it. */
  readonly servers: Record<string, Partial<ServerFacts>> = {};
  extra: Partial<World> = {};
  /** How its quorum groups look; leadership moves as it is told to. */
  look: GroupLook = {};
  readonly #members: readonly Host[];
  readonly events: RolloutEvent[] = [];

  constructor(plan: Plan = planForOne(), timing: Timing = usual, members: readonly Host[] = shopHosts) {
    this.#members = members;
    this.rollout = rolloutOf(plan);
    this.timing = timing;
  }

  get slots(): readonly Slot[] {
    return [...this.rollout.hosts.values()].flatMap((each) =>
      each.slotTakenAt === null ? [] : [{ host: each.host, rollout: this.rollout.id, takenAt: each.slotTakenAt }],
    );
  }

  get world(): World {
    const fresh = Object.fromEntries(
      [...this.rollout.hosts.keys()].map((id) => [
        id,
        healthy(id, this.now, { bootId: this.host(id).bootId ?? `boot-of-${id}` }),
      ]),
    );
    const obligations = [...this.rollout.obligations.values()].map(({ host, balancer }) => ({ host, balancer }));
    return worldOf({
      at: this.now,
      members: this.#members,
      slots: this.slots,
      hosts: { ...fresh, ...this.hosts },
      servers: this.servers,
      extra: { obligations, quorums: this.#quorums(), ...this.extra },
    });
  }

  #quorums(): World['quorums'] {
    const voting = this.rollout.plan.fleet.services.filter((service) => service.quorum !== null);
    return new Map(
      voting.map(({ name, hosts }) => [name, groupReadings(selectHosts(hosts, this.#members), this.now, this.look)]),
    );
  }

  host(id = 'web-1'): HostProgress {
    const progress = this.rollout.hosts.get(id);
    if (progress === undefined) throw new Error(`no host ${id}`);
    return progress;
  }

  why(id = 'web-1'): Reason | null {
    return whyNot(this.rollout, id, this.world, this.now, this.timing);
  }

  /** Folds facts as if somebody had committed them. */
  record(...facts: readonly RolloutFact[]): void {
    for (const fact of facts) this.#fold({ at: this.now, ...fact });
  }

  /** One decision, folded; returns it. */
  decide(): readonly RolloutEvent[] {
    const events = decide(this.rollout, this.world, this.now, this.timing);
    for (const event of events) this.#fold(event);
    return events;
  }

  #fold(event: RolloutEvent): void {
    this.rollout = evolve(this.rollout, event);
    this.events.push(event);
  }

  get facts(): readonly RolloutFact[] {
    return this.events;
  }

  /** Decides again and again, 1 s apart, answering every intent with success, until `done`. */
  continueUntil(what: string, done: () => boolean): void {
    for (let round = 0; round < 200; round += 1) {
      this.now += 1000;
      this.decide();
      if (done()) return;
      for (const intent of this.open()) this.finish(intent, succeeded);
    }
    throw new Error(
      `never: ${what}; ${this.rollout.state}, ${[...this.rollout.hosts.values()].map((each) => `${each.host} ${each.state.kind} [${each.steps.join(' ')}]`).join(', ')}`,
    );
  }

  /** Goes on until the intent of this step is open. */
  continueTo(step: Step, id = 'web-1'): readonly Intent[] {
    this.continueUntil(`${step} begins`, () => this.open(step, id).length > 0);
    return this.open(step, id);
  }

  open(step?: Step, id = 'web-1'): readonly Intent[] {
    return [...this.rollout.openIntents.values()].filter(
      (intent) => step === undefined || (intent.step === step && intent.host === id),
    );
  }

  finish(intent: Intent, outcome: Outcome): void {
    this.record({ kind: 'finished', host: intent.host, token: intent.token, outcome });
    if (outcome.kind !== 'succeeded') return;
    if (intent.action.kind === 'moveLeader') this.look = { ...this.look, leader: intent.action.to };
    if (intent.action.kind === 'drain') this.servers[intent.host] = { admin: 'maint', up: false, weightPercent: 0 };
    if (intent.action.kind === 'undrain')
      this.servers[intent.host] = intent.action.restore === 'ready' ? {} : { admin: intent.action.restore, up: false };
  }

  /** Ends all open intents of a step in the same way, and decides what follows. */
  finishAll(step: Step, outcome: Outcome, id = 'web-1'): readonly RolloutEvent[] {
    for (const intent of this.open(step, id)) this.finish(intent, outcome);
    return this.decide();
  }

  /** The last time something of this kind happened. */
  last<K extends RolloutFact['kind']>(kind: K): Extract<RolloutFact, { kind: K }> | undefined {
    return this.facts.findLast((fact): fact is Extract<RolloutFact, { kind: K }> => fact.kind === kind);
  }

  kinds(): readonly string[] {
    return this.facts.map((fact) => fact.kind);
  }
}
