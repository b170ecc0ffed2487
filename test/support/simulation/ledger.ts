import type { Intent, Outcome, RolloutEvent } from '../../../controller/core/event.ts';
import { evolve, foldEvents } from '../../../controller/core/evolve.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import type { Step } from '../../../controller/core/step.ts';
import type { Slot } from '../../../controller/core/world.ts';
import type { Effect } from './simulated-host.ts';

/** Steps that end at all are tried so often at most. */
const triesThatCount = 3;

/** An intent, and whose it is. */
export interface Entered {
  readonly rollout: string;
  readonly intent: Intent;
}

/** A step that is tried for ever (a host that nobody reaches, a balancer that does not take its server back) is no news after the first tries. */
export function isNew({ attempt, purpose }: Intent): boolean {
  return purpose === 'step' && attempt <= triesThatCount;
}

/** What was written down and what was done, in order. It folds the journals by itself and believes no controller. */
export class Ledger {
  /** Of all rollouts. */
  readonly journal: RolloutEvent[] = [];
  readonly effects: Effect[] = [];
  readonly rollouts = new Map<string, Rollout>();
  /** Of all rollouts. */
  slots: readonly Slot[] = [];
  /** When something was last written down that is neither a reading nor one more of the tries that are made for ever. */
  lastChangeAt = 0;
  readonly #intents = new Map<string, Entered>();
  readonly #outcomes = new Map<string, Outcome>();
  readonly #reboots = new Map<HostId, number>();

  append(id: string, event: RolloutEvent, at: number): Rollout {
    const before = this.rollouts.get(id);
    const rollout = before === undefined ? foldEvents(id, [event]) : evolve(before, event);
    if (rollout === null) throw new Error(`nothing folds to nothing: ${id}`);
    this.rollouts.set(id, rollout);
    this.journal.push(event);
    if (this.#isChange(event)) this.lastChangeAt = at;
    this.#remember(id, event);
    return rollout;
  }

  #isChange(event: RolloutEvent): boolean {
    if (event.kind === 'probed' || event.kind === 'quorumRead') return false;
    if (event.kind === 'intended') return isNew(event);
    const intent = event.kind === 'finished' ? this.entered(event.token)?.intent : undefined;
    return intent === undefined || isNew(intent);
  }

  #remember(rollout: string, event: RolloutEvent): void {
    if (event.kind === 'intended') this.#intents.set(event.token, { rollout, intent: event });
    if (event.kind === 'retried')
      for (const step of ['apply', 'reboot', 'verify'] as const)
        this.#outcomes.delete(`${rollout}/${event.host}/${step}`);
    if (event.kind !== 'finished') return;
    const step = this.#intents.get(event.token)?.intent.step ?? '';
    this.#outcomes.set(`${rollout}/${event.host}/${step}`, event.outcome);
  }

  done(effect: Effect): void {
    this.effects.push(effect);
    if (effect.kind === 'reboot') this.#reboots.set(effect.host, this.rebootsOf(effect.host) + 1);
  }

  entered(token: string): Entered | undefined {
    return this.#intents.get(token);
  }

  /** The last outcome of a step, unless a person has said "again" since. */
  lastOutcome(rollout: string, host: HostId, step: Step): Outcome | undefined {
    return this.#outcomes.get(`${rollout}/${host}/${step}`);
  }

  rebootsOf(host: HostId): number {
    return this.#reboots.get(host) ?? 0;
  }

  holdsSlot(host: HostId, rollout: string): boolean {
    return this.slots.some((slot) => slot.host === host && slot.rollout === rollout);
  }

  /** A person has taken it over from some rollout. */
  isReleased(host: HostId): boolean {
    return [...this.rollouts.values()].some((rollout) => {
      const state = rollout.hosts.get(host)?.state;
      return state?.kind === 'skipped' && state.reason.code === 'released';
    });
  }
}
