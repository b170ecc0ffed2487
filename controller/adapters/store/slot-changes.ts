import { assertInvariant } from '../../../lib/invariant-error.ts';
import type { RolloutEvent } from '../../core/event.ts';
import type { Reason } from '../../core/reason.ts';
import type { Slot } from '../../core/world.ts';
import type { CommitRequest } from '../../ports/store.ts';

/** The slots after a batch of events, or why the batch may not be written. */
export type SlotChange =
  { readonly kind: 'allowed'; readonly slots: readonly Slot[] } | { readonly kind: 'refused'; readonly reason: Reason };

/**
 * What a batch does to the slots of all rollouts. Asks `mayTake` with the slots as they are before the batch, once, and only when
 * the batch takes a slot. A host that another rollout has out is refused; a slot of its own taken twice is a bug.
 */
export function changeSlots(slots: readonly Slot[], { rollout, events, mayTake }: CommitRequest): SlotChange {
  const takes = events.some(({ kind }) => kind === 'slotTaken');
  const refusal = takes ? (takenByOther(slots, rollout, events) ?? mayTake(slots)) : null;
  if (refusal !== null) return { kind: 'refused', reason: refusal };
  return { kind: 'allowed', slots: events.reduce((now, event) => applyToSlots(now, rollout, event), slots) };
}

function takenByOther(slots: readonly Slot[], rollout: string, events: readonly RolloutEvent[]): Reason | null {
  for (const event of events) {
    if (event.kind !== 'slotTaken') continue;
    const other = slots.find(({ host, rollout: holder }) => host === event.host && holder !== rollout);
    if (other !== undefined) return { code: 'host-in-other-rollout', rollout: other.rollout };
  }
  return null;
}

function applyToSlots(slots: readonly Slot[], rollout: string, event: RolloutEvent): readonly Slot[] {
  if (event.kind === 'slotTaken') {
    assertInvariant(!slots.some(({ host }) => host === event.host), `${event.host} takes one slot at a time`);
    return [...slots, { host: event.host, rollout, takenAt: event.at }];
  }
  if (event.kind === 'slotReleased') {
    const left = slots.filter((slot) => slot.host !== event.host || slot.rollout !== rollout);
    assertInvariant(left.length === slots.length - 1, `${event.host} holds the slot of ${rollout} that it releases`);
    return left;
  }
  return event.kind === 'ended' ? slots.filter((slot) => slot.rollout !== rollout) : slots;
}
