import type { Ending, Outcome, RolloutFact } from './event.ts';
import { limiterFacts } from './dispatch.ts';
import { firmwareDoubts } from './firmware.ts';
import { firmwareOfMachine } from './firmware-steps.ts';
import { haltReason, isDisruptive } from './halt.ts';
import {
  isUndrained,
  leadsIn,
  lives,
  makeIntent,
  mayRetry,
  poolsOf,
  quorumServicesOf,
  stepTable,
  stillLeads,
  type StepContext,
} from './host-steps.ts';
import { rebootRefusal } from './limiter.ts';
import type { HostPlan } from './plan.ts';
import { memberDoubt } from './quorum.ts';
import type { Reason, StepFailure } from './reason.ts';
import type { HostProgress, Obligation } from './rollout.ts';
import { isUnheard, mayTakeOut } from './safety.ts';
import { bootedAgain } from './stable-boot.ts';
import type { Step } from './step.ts';
import { wayBackOnAbort, wayHome, wayHomeUnharmed } from './way-home.ts';
import type { Timing } from './timing.ts';
import { poolKey } from './world.ts';

/** What comes next for one host that is being prepared or is out; empty while there is something to wait for. */
export function nextForHost(context: StepContext): readonly RolloutFact[] {
  const { progress, rollout } = context;
  const step = progress.steps[0];
  if (openIntentsBefore(context, step) > 0 || progress.state.kind === 'ready') return [];
  if (step === undefined) return endHost(context);
  if (rollout.state === 'aborting') {
    const back = wayBackOnAbort(context, step);
    if (back !== null) return back;
  }
  return advance(context, step);
}

/** Intents that must have ended first; an undrain must not be overtaken by a drain that was only to protect. */
function openIntentsBefore(context: StepContext, step: Step | undefined): number {
  const mine = [...context.rollout.openIntents.values()].filter((intent) => intent.host === context.progress.host);
  return mine.filter((intent) => intent.purpose === 'step' || step === 'undrain').length;
}

function endHost(context: StepContext): readonly RolloutFact[] {
  const { host, ending } = context.progress;
  return [
    { kind: 'slotReleased', host, reason: null },
    { kind: 'hostEnded', host, ending },
  ];
}

function advance(context: StepContext, step: Step): readonly RolloutFact[] {
  const { progress, now } = context;
  const failure = [...progress.outcomes.values()].find((each) => each.outcome.kind !== 'succeeded');
  // Not sent because of a halt: that is no failure, however long it lasts.
  if (failure?.outcome.kind === 'unreachable' && waitsToDisrupt(context, step) !== null) return [];
  if (failure !== undefined && !worthRetrying(context, step, failure.outcome))
    return afterFailure(context, step, failure.outcome);
  if (failure !== undefined && isPause(failure.at, context)) return [];
  const again = step === 'verify' ? bootedAgain(context) : null;
  if (again !== null) return giveUp(context, step, again);
  const open = [...stepTable[step].actions(context)].filter(([target]) => !isDone(context, step, target));
  if (open.length > 0)
    return act(
      context,
      step,
      open.map(([, action]) => action),
    );
  const missing = stepTable[step].missing(context);
  if (missing === null) return confirmed(context, step);
  return now > deadlineAt(context, step) ? confirmationLate(context, step, missing) : [];
}

function isDone(context: StepContext, step: Step, target: string): boolean {
  const { progress, timing } = context;
  const last = progress.outcomes.get(target);
  if (last?.outcome.kind !== 'succeeded') return false;
  if (step !== 'switchover' || progress.attempt >= timing.attemptsMax) return true;
  return isPause(last.at, context) || !stillLeads(context, last.at);
}

function worthRetrying(context: StepContext, step: Step, outcome: Outcome): boolean {
  if (!mayRetry(outcome, step)) return false;
  if (outcome.kind === 'unreachable') return worthReaching(context, step);
  const { timing, progress } = context;
  const attempts = stepTable[step].attemptsMax(timing);
  // A lost answer says nothing about the step: even one that is tried once is asked for again.
  return progress.attempt < (outcome.kind === 'unknown' ? Math.max(attempts, timing.attemptsMax) : attempts);
}

/** Nothing reached the host. What costs no capacity or puts it back is tried for ever; a drain is given up soon, the rest when it is late. */
function worthReaching(context: StepContext, step: Step): boolean {
  switch (step) {
    case 'preflight':
    case 'fetch':
    case 'undrain':
      return true;
    case 'switchover':
    case 'drain':
      return context.progress.attempt < context.timing.attemptsMax;
    case 'takeOut':
    case 'apply':
    case 'updateFirmware':
    case 'rollback':
    case 'reboot':
    case 'powerCycle':
    case 'verify':
    case 'settle':
      // Counted to the attempt, not to now: a halt may have stood between that and the next one.
      return lastOutcomeAt(context.progress) < deadlineAt(context, step);
  }
}

function lastOutcomeAt({ outcomes }: HostProgress): number {
  return Math.max(...[...outcomes.values()].map((each) => each.at));
}

/** A clock that was set back since must not make a pause of seconds one of hours. */
function isPause(failedAt: number, { progress, timing, now }: StepContext): boolean {
  return failedAt <= now && now < retryAt(failedAt, progress.attempt, timing);
}

/** When the next attempt is due: the pause doubles from attempt to attempt. */
export function retryAt(failedAt: number, attempt: number, timing: Timing): number {
  return failedAt + Math.min(timing.retryLastMs, timing.retryFirstMs * 2 ** Math.max(0, attempt - 1));
}

/** When the step in hand is late. */
export function deadlineAt(context: StepContext, step: Step): number {
  return (context.progress.stepSince ?? context.now) + stepTable[step].deadlineMs(context.timing);
}

type Actions = Parameters<typeof makeIntent>[2];

function act(context: StepContext, step: Step, actions: readonly Actions[]): readonly RolloutFact[] {
  // A drain has several parts, of which some may be done; an apply or reboot is tried again only where nothing reached the host.
  const waits = waitsToDisrupt(context, step);
  if (waits !== null) return waits.code === 'confirming' ? drainDoubted(context, step, waits) : [];
  const untouched = context.progress.attempt === 0 || step !== 'drain';
  if ((step === 'apply' || step === 'reboot') && !isUndrained(context)) {
    const again = leadsAgain(context);
    if (again !== null) return again;
  }
  if (untouched && asksSafety(context, step)) {
    const refusal = safetyNow(context);
    if (refusal !== null) return isTooSoon(context, refusal) ? [] : safetyLost(context, step, refusal);
  }
  return actions.map((action, index) => makeIntent(context, step, action, context.progress.intents + index, 'step'));
}

/** A controller that has just taken over has heard nobody yet: that is no reason to send a host home that is out already. */
function isTooSoon({ progress, timing, now }: StepContext, refusal: Reason): boolean {
  return isUnheard(refusal) && now - (progress.stepSince ?? now) < timing.reportStaleMs;
}

/** Before each step that takes something away: a drained host lacks its users nothing more until it reboots, a voter still votes. */
function asksSafety(context: StepContext, step: Step): boolean {
  if (step === 'apply')
    return isUndrained(context) || poolsOf(context).length === 0 || quorumServicesOf(context).length > 0;
  return step === 'drain' || step === 'reboot';
}

function safetyNow(context: StepContext): Reason | null {
  const { rollout, progress, world, now, timing } = context;
  return mayTakeOut([progress.host], { fleet: rollout.plan.fleet, groups: rollout.plan.groups, timing }, world, now);
}

/** What keeps a host that is out from its next disruptive step, without sending it home: a halt, a balancer, the reboots of the hour, or its group. */
export function waitsToDisrupt(context: StepContext, step: Step): Reason | null {
  const { rollout, world, now } = context;
  if (!isDisruptive(step)) return null;
  const halt = haltReason(world);
  if (halt !== null) return halt;
  const doubt = drainDoubt(context, step);
  if (doubt !== null) return doubt;
  if (step === 'rollback') return rollbackWaits(context);
  const boots = step === 'reboot' || step === 'powerCycle';
  return boots ? rebootRefusal(world.limits, limiterFacts(rollout, world), now) : null;
}

/**
 * A balancer may have forgotten the drain while nobody looked, as when this controller has just taken over: its word is waited for, as
 * after the drain itself.
 */
function drainDoubt(context: StepContext, step: Step): Reason | null {
  const { rollout, progress, world, now, timing } = context;
  if (step === 'drain' || step === 'switchover') return null;
  for (const obligation of rollout.obligations.values()) {
    if (obligation.host !== progress.host || !isHeldDrained(context, obligation)) continue;
    const { balancer, backend } = obligation;
    const facts = world.pools.get(poolKey(balancer, backend));
    if (facts === undefined || now - facts.observedAt > timing.poolStaleMs)
      return { code: 'confirming', step: 'drain', missing: `a reading of ${balancer}` };
    if (facts.servers.get(progress.host)?.admin === 'ready')
      return { code: 'confirming', step: 'drain', missing: `${balancer} to show it drained` };
  }
  return null;
}

/** A balancer that is silent for long must not keep the host from the others' users: it goes back to them, and waits for its turn. */
function drainDoubted(context: StepContext, step: Step, doubt: Reason): readonly RolloutFact[] {
  const { progress, timing, now } = context;
  const isLate = now - (progress.stepSince ?? now) > timing.drainDeadlineMs;
  return isLate && (step === 'apply' || step === 'reboot') ? safetyLost(context, step, doubt) : [];
}

/** A member that votes still does so until its packages are taken back; one that its group has lost already costs nothing. */
function rollbackWaits(context: StepContext): Reason | null {
  const { progress, world, now, timing } = context;
  const voting = quorumServicesOf(context);
  const isLost = voting.some(({ name }) => {
    const doubt = memberDoubt(name, progress.host, timing, world, now);
    return doubt !== null && doubt.because !== 'group-unknown';
  });
  return voting.length === 0 || isLost ? null : safetyNow(context);
}

/** A group elects whom it likes: a host that leads again hands leadership over once more before anything is done to it. */
function leadsAgain(context: StepContext): readonly RolloutFact[] | null {
  const { host, steps, ending } = context.progress;
  const group = quorumServicesOf(context).find(({ name }) => leadsIn(context, name));
  if (group === undefined) return null;
  const reason: Reason = { code: 'leads-again', group: group.name };
  return [{ kind: 'rerouted', host, steps: ['switchover', ...steps], ending, reason }];
}

/** Before anything was taken from users the slot is given back; after it, the host is, and its reboot is queued. */
function safetyLost(context: StepContext, step: Step, because: Reason): readonly RolloutFact[] {
  const { host, steps } = context.progress;
  const reason: Reason = { code: 'safety-lost', step, because };
  const back = wayHome(context, step === 'reboot');
  if (step !== 'reboot' && !back.includes('undrain')) return [{ kind: 'slotReleased', host, reason }];
  const queued: Ending = { kind: 'ready', steps: ['takeOut', ...stepsBefore(context), ...steps], reason };
  return [{ kind: 'rerouted', host, steps: back, ending: queued, reason }];
}

/** What has to come between a new slot and the rest of the steps. */
function stepsBefore(context: StepContext): readonly Step[] {
  if (isUndrained(context)) return [];
  return [
    ...(quorumServicesOf(context).length > 0 ? (['switchover'] as const) : []),
    ...(poolsOf(context).length > 0 ? (['drain'] as const) : []),
  ];
}

function confirmed(context: StepContext, step: Step): readonly RolloutFact[] {
  const { host, steps, ending } = context.progress;
  const done: RolloutFact = { kind: 'stepDone', host, step };
  if (step !== 'apply' || !rebootIsSpared(context)) return [done];
  const without = steps.slice(1).filter((each) => each !== 'reboot');
  return [done, { kind: 'rerouted', host, steps: without, ending, reason: { code: 'reboot-not-needed' } }];
}

/** Only a host that says so is spared; one that cannot tell is rebooted. */
function rebootIsSpared(context: StepContext): boolean {
  const outcome = context.progress.outcomes.get('')?.outcome;
  const saysNo = outcome?.kind === 'succeeded' && outcome.evidence.rebootNeeded === false;
  if (firmwareOfMachine(context).length > 0) return false;
  return saysNo && context.rollout.plan.change.reboot === 'ifNeeded' && context.progress.steps.includes('reboot');
}

function confirmationLate(context: StepContext, step: Step, missing: string): readonly RolloutFact[] {
  // Waiting costs users nothing they do not lack already, and giving up would leave an obligation open.
  if (step === 'undrain') return [];
  return giveUp(context, step, { code: 'not-confirmed', message: `still missing at the deadline: ${missing}` });
}

function afterFailure(context: StepContext, step: Step, outcome: Outcome): readonly RolloutFact[] {
  switch (outcome.kind) {
    case 'succeeded':
      return [];
    case 'unknown':
      if (step === 'drain' || step === 'switchover')
        return giveUp(context, step, { code: 'unknown', message: outcome.detail });
      return notReturned(context, step, outcome.detail);
    case 'unreachable':
      return giveUp(context, step, { code: 'host-unreachable', message: outcome.detail });
    case 'failed':
      return giveUp(context, step, outcome.failure);
  }
}

/**
 * A host that did not come back from its reboot is power-cycled where the policy says so, once, while its agent is silent; one that may be taking firmware at that moment could be lost by it.
 */
function notReturned(context: StepContext, step: Step, detail: string): readonly RolloutFact[] {
  const reason: Reason = { code: 'step-unknown', step, detail };
  const { progress, rollout } = context;
  const { host, steps, ending } = progress;
  const mayCycle = rollout.plan.fleet.policy.noReturn === 'powerCycle' && step === 'reboot' && !lives(context);
  if (!mayCycle) return hold(host, step, reason);
  if (planOf(context)?.firmware !== undefined) return hold(host, step, reason);
  const because: Reason = { code: 'step-failed', step, failure: { code: 'not-returned', message: detail } };
  return [{ kind: 'rerouted', host, steps: ['powerCycle', ...steps.slice(1)], ending, reason: because }];
}

function planOf({ progress, rollout }: StepContext): HostPlan | undefined {
  return rollout.plan.hosts.find(({ host }) => host === progress.host);
}

/** A step has failed for good: each row of the table has its own safe place. */
function giveUp(context: StepContext, step: Step, failure: StepFailure): readonly RolloutFact[] {
  const { host } = context.progress;
  const reason: Reason = { code: 'step-failed', step, failure };
  switch (step) {
    case 'preflight':
      return [{ kind: 'skipped', host, reason }];
    case 'switchover':
    case 'drain':
      return [
        { kind: 'rerouted', host, steps: wayHomeUnharmed(context, step), ending: { kind: 'skipped', reason }, reason },
      ];
    case 'apply':
    case 'verify':
      return undoOrHold(context, step, reason, failure);
    case 'fetch':
    case 'takeOut':
    case 'updateFirmware':
    case 'rollback':
    case 'reboot':
    case 'powerCycle':
    case 'undrain':
    case 'settle':
      return hold(host, step, reason);
  }
}

function undoOrHold(context: StepContext, step: Step, reason: Reason, { code }: StepFailure): readonly RolloutFact[] {
  const { progress, rollout } = context;
  const changed = step === 'apply' || progress.runs === 'packages';
  const { filesBack, firmware } = planOf(context) ?? {};
  // What went back is not brought again by itself, and firmware does not go back.
  const staysOut = filesBack !== undefined || (firmware !== undefined && firmwareDoubts.has(code));
  if (rollout.plan.fleet.policy.onFailure === 'hold' || !changed || staysOut) return hold(progress.host, step, reason);
  return [
    {
      kind: 'rerouted',
      host: progress.host,
      steps: ['rollback', ...wayHome(context, true)],
      ending: { kind: 'skipped', reason },
      reason,
    },
  ];
}

function hold(host: string, step: Step, reason: Reason): readonly RolloutFact[] {
  return [{ kind: 'held', host, step, reason }];
}

/** A balancer forgot a drain of ours (it restarted, or someone set the server ready): drain again, at once, whatever else goes on. */
export function protectDrains(context: StepContext): readonly RolloutFact[] {
  const { rollout, progress, world, now, timing } = context;
  if (progress.state.kind !== 'out' && progress.state.kind !== 'held') return [];
  const forgotten = [...rollout.obligations.values()].filter((obligation) => {
    if (obligation.host !== progress.host || !isHeldDrained(context, obligation)) return false;
    // Refused (it is the last server that is up) it is tried again, but not with every reading: a held host may wait for days.
    if (now < (obligation.protectFailedAt ?? -Infinity) + timing.retryLastMs) return false;
    const facts = world.pools.get(poolKey(obligation.balancer, obligation.backend));
    const server = facts?.servers.get(progress.host);
    const seenAfter = facts !== undefined && facts.observedAt > Math.max(obligation.since, progress.lastEffectAt ?? 0);
    return seenAfter && server?.admin === 'ready' && !beingDrained(context, obligation);
  });
  return forgotten.map((obligation, index) =>
    makeIntent(
      context,
      'drain',
      { kind: 'drain', balancer: obligation.balancer, backend: obligation.backend, prior: obligation.restore },
      progress.intents + index,
      'protect',
    ),
  );
}

/** From the drain of this balancer until the undrain begins, and for as long as the host is held. */
function isHeldDrained({ progress }: StepContext, { balancer, backend }: Obligation): boolean {
  const { steps, outcomes } = progress;
  // Another balancer may still be at it, and this one is to wait for that.
  if (steps[0] === 'drain') return outcomes.get(poolKey(balancer, backend))?.outcome.kind === 'succeeded';
  return steps.includes('undrain') && steps[0] !== 'undrain';
}

function beingDrained(context: StepContext, { balancer, backend }: Obligation): boolean {
  return [...context.rollout.openIntents.values()].some(
    ({ host, action }) =>
      host === context.progress.host &&
      action.kind === 'drain' &&
      action.balancer === balancer &&
      action.backend === backend,
  );
}
