import type { HostId } from '../fleet.ts';
import type { HostState, Rollout } from '../rollout.ts';
import type { Step } from '../step.ts';
import type { World } from '../world.ts';

/** A host that something waits for. */
export interface Holder {
  readonly host: HostId;
  /** The rollout that has it out, or else the one that was asked about where it has the host; null: it is down by itself. */
  readonly rollout: string | null;
  /** Its state there; null where it is in none. */
  readonly state: HostState['kind'] | null;
  readonly step: Step | null;
  /** When it was taken out; null where it holds no slot. */
  readonly since: number | null;
  /** When it should be back, by the duration that its plan expects; null: nobody can know. */
  readonly backAt: number | null;
}

/** Who a host is that a host of `asking` (null: of no rollout) waits for. */
export function holderOf(host: HostId, asking: Rollout | null, world: World, now: number): Holder {
  const slot = world.slots.find((each) => each.host === host);
  const holding = world.rollouts.find((each) => each.id === slot?.rollout);
  const rollout = holding ?? (asking?.hosts.has(host) === true ? asking : undefined);
  const progress = rollout?.hosts.get(host);
  const state = progress?.state.kind ?? null;
  const isBusy = state === 'preparing' || state === 'out' || state === 'held';
  const isOnItsWay = slot !== undefined && holding !== undefined && state === 'out';
  return {
    host,
    rollout: slot?.rollout ?? rollout?.id ?? null,
    state,
    step: isBusy ? (progress?.steps[0] ?? null) : null,
    since: slot?.takenAt ?? null,
    backAt: isOnItsWay ? Math.max(now, slot.takenAt + expectedMs(holding, host)) : null,
  };
}

function expectedMs({ plan }: Rollout, host: HostId): number {
  return plan.hosts.find((each) => each.host === host)?.expectedMs ?? 0;
}
