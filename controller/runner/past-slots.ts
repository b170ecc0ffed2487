import type { RolloutEvent } from '../core/event.ts';
import type { HostId } from '../core/fleet.ts';
import type { HostPlan } from '../core/plan.ts';
import type { PastSlot } from '../core/planning/expected-time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

/** Older rollouts say little of what hosts take now. */
const rolloutsMax = 50;
/** With this many no older rollout is read: ten rollouts of 5,000 hosts, some six seconds once in the life of a controller. */
const slotsMax = 50_000;

/** A slot without the hardware model, which no journal knows. */
type EndedSlot = Omit<PastSlot, 'hardwareModel'>;

/** How long hosts held their slots in the rollouts that ended last. Each journal is read once in the life of the controller. */
export class PastSlots {
  readonly #store: Pick<Store, 'rollouts' | 'events'>;
  readonly #clock: Pick<Clock, 'sleep'>;
  #known: ReadonlyMap<string, readonly EndedSlot[]> = new Map();

  constructor(store: Pick<Store, 'rollouts' | 'events'>, clock: Pick<Clock, 'sleep'>) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Newest rollout first. `modelOf`: the hardware models as they are known now. */
  async newestFirst(modelOf: (host: HostId) => string): Promise<readonly PastSlot[]> {
    const found = new Map<string, readonly EndedSlot[]>();
    let count = 0;
    for (const id of await this.#ended()) {
      if (count >= slotsMax) break;
      const slots = this.#known.get(id) ?? (await this.#read(id));
      found.set(id, slots);
      count += slots.length;
    }
    this.#known = found;
    return [...found.values()].flat().map((slot) => ({ ...slot, hardwareModel: modelOf(slot.host) }));
  }

  async #read(rollout: string): Promise<readonly EndedSlot[]> {
    const slots = slotsIn(await this.#store.events(rollout));
    // A journal is read and taken apart in one go: whatever else the controller has to do gets its turn before the next.
    await this.#clock.sleep(0);
    return slots;
  }

  async #ended(): Promise<readonly string[]> {
    // In this order: a rollout that begins in between is in neither list.
    const all = await this.#store.rollouts('all');
    const open = new Set(await this.#store.rollouts('open'));
    return all.filter((id) => !open.has(id)).slice(0, rolloutsMax);
  }
}

type HostEvent = Extract<RolloutEvent, { readonly host: HostId }>;

function slotsIn(events: readonly RolloutEvent[]): readonly EndedSlot[] {
  const created = events.find((event) => event.kind === 'created');
  const byHost = Map.groupBy(
    events.filter((event): event is HostEvent => 'host' in event),
    (event) => event.host,
  );
  const slots = created?.plan.hosts.map((plan) => slotOf(plan, byHost.get(plan.host) ?? []));
  return slots?.filter((slot) => slot !== null) ?? [];
}

/** Null where it was not done, or not with its first slot, or a person had to come: that says nothing of the work. */
function slotOf({ host, reboot }: HostPlan, events: readonly HostEvent[]): EndedSlot | null {
  const [taken, ...more] = events.filter((event) => event.kind === 'slotTaken');
  const released = events.find((event) => event.kind === 'slotReleased');
  const isDone = events.some((event) => event.kind === 'hostEnded' && event.ending.kind === 'done');
  const wasHeld = events.some((event) => event.kind === 'held');
  if (taken === undefined || released === undefined || !isDone || more.length > 0 || wasHeld) return null;
  const heldMs = released.at - taken.at;
  // The clock was set back meanwhile.
  return heldMs > 0 ? { host, reboot, heldMs, rebootMs: rebootTimeIn(events) } : null;
}

/**
 * From the intent until its outcome, not by the evidence: a controller that has taken over measures only from then on, and a time that is
 * too long does less harm. Null: it was not rebooted, or not on our order.
 */
function rebootTimeIn(events: readonly HostEvent[]): number | null {
  const begin = events.findLast((event) => event.kind === 'intended' && event.step === 'reboot');
  if (begin?.kind !== 'intended') return null;
  const end = events.find((event) => event.kind === 'finished' && event.token === begin.token);
  if (end?.kind !== 'finished' || end.outcome.kind !== 'succeeded' || end.at <= begin.at) return null;
  return end.at - begin.at;
}
