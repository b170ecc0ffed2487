import { assertInvariant } from '../../lib/invariant-error.ts';
import type { Ending, RolloutEvent } from './event.ts';
import type { HostPlan } from './plan.ts';
import type { HostProgress } from './rollout.ts';
import { bootedAgainCode } from './stable-boot.ts';
import type { Step } from './step.ts';

/** Where a host stands before anything was done to it. */
export function newProgress(host: HostPlan): HostProgress {
  return {
    host: host.host,
    state: { kind: 'waiting' },
    steps: host.steps,
    ending: { kind: 'done' },
    stepSince: null,
    attempt: 0,
    outcomes: new Map(),
    intents: 0,
    slotTakenAt: null,
    lastEffectAt: null,
    rebootedAt: null,
    reboot: null,
    firmwareBegun: false,
    bootId: null,
    runs: 'wayBack',
    endedAt: null,
  };
}

/** A step is done; the next one begins. */
export function stepDone(host: HostProgress, step: Step, at: number): HostProgress {
  const next = nextStep({ ...host, runs: runsAfter(step) ?? host.runs }, step, at);
  return next.steps[0] === 'takeOut' ? { ...next, state: { kind: 'ready', reason: null } } : next;
}

function runsAfter(step: Step): HostProgress['runs'] | null {
  if (step === 'apply') return 'packages';
  return step === 'rollback' ? 'wayBack' : null;
}

/** Goes on to the step after this one. Throws InvariantError when another one is in hand. */
export function nextStep(host: HostProgress, step: Step, at: number): HostProgress {
  assertInvariant(host.steps[0] === step, `${host.host} finished ${step} while at ${host.steps[0] ?? 'the end'}`);
  return beginStep(host, host.steps.slice(1), at);
}

/** Makes the first of these steps the one in hand. */
export function beginStep(host: HostProgress, steps: readonly Step[], at: number): HostProgress {
  return { ...host, steps, stepSince: at, attempt: 0, outcomes: new Map() };
}

/** Released with steps left to do: it goes back to the queue. */
export function slotReleased(host: HostProgress, event: Extract<RolloutEvent, { kind: 'slotReleased' }>): HostProgress {
  const free = { ...host, slotTakenAt: null };
  if (host.steps.length === 0) return free;
  return { ...beginStep(free, ['takeOut', ...host.steps], event.at), state: { kind: 'ready', reason: event.reason } };
}

/** Goes on with other steps; a host without a slot that begins with its preparation waits for its turn again. */
export function rerouted(host: HostProgress, event: Extract<RolloutEvent, { kind: 'rerouted' }>): HostProgress {
  const again = { ...beginStep(host, event.steps, event.at), ending: event.ending, endedAt: null };
  if (host.slotTakenAt !== null) return { ...again, state: { kind: 'out' } };
  return event.steps[0] === 'preflight' ? { ...again, state: { kind: 'waiting' }, stepSince: null } : again;
}

/** Its steps are used up. */
export function hostEnded(host: HostProgress, ending: Ending, at: number): HostProgress {
  switch (ending.kind) {
    case 'done':
      return { ...host, state: { kind: 'done' }, endedAt: at };
    case 'skipped':
      return { ...host, state: { kind: 'skipped', reason: ending.reason }, endedAt: at };
    case 'ready':
      return {
        ...beginStep(host, ending.steps, at),
        state: { kind: 'ready', reason: ending.reason },
        ending: { kind: 'done' },
      };
  }
}

/** A held host goes on from the step that failed; one that was skipped begins anew. */
export function retried(host: HostProgress, event: Extract<RolloutEvent, { kind: 'retried' }>): HostProgress {
  const again = { ...beginStep(host, event.steps, event.at), endedAt: null };
  // Whoever says so has seen that it is on another boot now.
  const bootId = hasBootedAgain(host) ? null : host.bootId;
  if (host.slotTakenAt !== null) return { ...again, bootId, state: { kind: 'out' } };
  const begun = event.steps[0] === 'preflight';
  return { ...again, state: { kind: begun ? 'waiting' : 'preparing' }, ending: { kind: 'done' }, stepSince: null };
}

function hasBootedAgain({ state }: HostProgress): boolean {
  return state.kind === 'held' && state.reason.code === 'step-failed' && state.reason.failure.code === bootedAgainCode;
}
