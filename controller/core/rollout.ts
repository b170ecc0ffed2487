import type { Ending, Intent, Outcome, RolloutResult } from './event.ts';
import type { HostId } from './fleet.ts';
import type { LimitedFailure } from './limits.ts';
import type { Plan } from './plan.ts';
import type { Reason } from './reason.ts';
import type { Step } from './step.ts';

/** One plan being carried out: the fold of its events. Only `evolve` makes one from another. */
export interface Rollout {
  readonly id: string;
  readonly plan: Plan;
  readonly state: RolloutState;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** The latest moment that any of its events tells: the clock has shown it, whatever it shows now. */
  readonly latestEventAt: number;
  /** Why it is paused, stopped or aborting. */
  readonly reason: Reason | null;
  /** Index of the newest open stage; -1 before the first. */
  readonly stage: number;
  readonly hosts: ReadonlyMap<HostId, HostProgress>;
  /** Intents without an outcome, by token. */
  readonly openIntents: ReadonlyMap<string, Intent>;
  /** Things we must put back, by `host@balancer/backend`. */
  readonly obligations: ReadonlyMap<string, Obligation>;
  readonly probes: ReadonlyMap<string, ProbeCount>;
  /** By service: the most hosts that were out at once together with those of other rollouts. */
  readonly outTogether: ReadonlyMap<string, number>;
  /** Failed hosts that a person has seen and resumed in spite of. */
  readonly failuresAccepted: ReadonlySet<HostId>;
  /** The fleet, by hash, that a person resumed with although the plan was made for another one. */
  readonly fleetAccepted: string | null;
  /** Quarantined versions, by `versionKey`, that a person resumed in spite of. */
  readonly quarantineAccepted: ReadonlySet<string>;
  /** Number of events folded in. */
  readonly eventCount: number;
}

export type RolloutState = 'planned' | 'running' | 'paused' | 'stopped' | 'aborting' | RolloutResult;

/** Where one host stands. */
export interface HostProgress {
  readonly host: HostId;
  readonly state: HostState;
  /** Steps still to do; the first one is in hand. */
  readonly steps: readonly Step[];
  readonly ending: Ending;
  /** When the step in hand began; null before the first. */
  readonly stepSince: number | null;
  /** Intents made for the step in hand. */
  readonly attempt: number;
  /** Outcome of each target of the step in hand ('' where the step has a single one; see `targetOf`), newest attempt. */
  readonly outcomes: ReadonlyMap<string, { readonly at: number; readonly attempt: number; readonly outcome: Outcome }>;
  /** Intents made in this rollout for this host; keeps every token unique. */
  readonly intents: number;
  readonly slotTakenAt: number | null;
  /** Our last effect on it; facts observed before are void. */
  readonly lastEffectAt: number | null;
  /** When it was last told to reboot; null: never. */
  readonly rebootedAt: number | null;
  /** The last reboot that it was ordered, and from which boot. */
  readonly reboot: { readonly token: string; readonly bootIdBefore: string } | null;
  /** Its management controller has been told to write firmware, or may have been. */
  readonly firmwareBegun: boolean;
  /** What the host must run now for it to be called itself: null until its first outcome. */
  readonly bootId: string | null;
  /** Which of the plan's versions it is meant to run now. */
  readonly runs: 'packages' | 'wayBack';
  /** When it became done, skipped or held; null before. */
  readonly endedAt: number | null;
}

/** The states of a host in a rollout. */
export type HostState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'preparing' }
  /** Prepared; waits for a slot. `reason`: it was given back and queued again. */
  | { readonly kind: 'ready'; readonly reason: Reason | null }
  /** Holds a slot. */
  | { readonly kind: 'out' }
  | { readonly kind: 'done' }
  | { readonly kind: 'skipped'; readonly reason: Reason }
  /** A person has to say what next; a slot it has is kept. */
  | { readonly kind: 'held'; readonly reason: Reason };

/** Something we must put back. A rollout cannot end with one open. */
export interface Obligation {
  readonly kind: 'undrain';
  readonly host: HostId;
  readonly balancer: HostId;
  readonly backend: string;
  readonly restore: 'ready' | 'drain' | 'maint';
  readonly since: number;
  /** When the drain was last asserted again in vain; null: never. */
  readonly protectFailedAt: number | null;
}

/** Sums of the `probed` events of one service. */
export interface ProbeCount {
  readonly sent: number;
  readonly failed: number;
  readonly sentWhileOut: number;
}

/**
 * Held, or back without the change because a step failed: what the policy's `stopAfter` counts. Not one that the policy itself left alone:
 * who is logged in says nothing of the change.
 */
export function hasFailed({ state }: HostProgress): boolean {
  if (state.kind === 'held') return true;
  return (
    state.kind === 'skipped' && state.reason.code === 'step-failed' && state.reason.failure.code !== 'users-logged-in'
  );
}

/** Failed hosts that no person has accepted, with what failed, in the order in which they failed. */
export function openFailures(rollout: Rollout): readonly LimitedFailure[] {
  return [...rollout.hosts.values()]
    .filter((each) => hasFailed(each) && !rollout.failuresAccepted.has(each.host))
    .map(({ host, state, endedAt }) => {
      const signature = 'reason' in state && state.reason !== null ? signatureOf(state.reason) : '';
      return { rollout: rollout.id, host, at: endedAt ?? 0, signature };
    })
    .sort((a, b) => a.at - b.at);
}

/** What two hosts that failed alike have in common. */
function signatureOf(reason: Reason): string {
  if (reason.code === 'step-failed') return `${reason.step} ${reason.failure.code}`;
  return reason.code === 'step-unknown' ? `${reason.step} unknown` : reason.code;
}

/** Nothing reached it at the last try. Such hosts are tried for ever, so others must not wait for them. */
export function isUnreachable(progress: HostProgress): boolean {
  return [...progress.outcomes.values()].some((each) => each.outcome.kind === 'unreachable');
}
