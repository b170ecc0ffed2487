import type { Ending, Outcome, RolloutFact } from './event.ts';
import { makeIntent, mayRetry, poolsOf, type StepContext, stepTable } from './host-steps.ts';
import type { Reason, StepFailure } from './reason.ts';
import type { Obligation } from './rollout.ts';
import { mayTakeOut } from './safety.ts';
import type { Step } from './step.ts';
import { wayBackOnAbort, wayHome } from './way-home.ts';
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
  const { progress, timing, now } = context;
  const failure = [...progress.outcomes.values()].find((each) => each.outcome.kind !== 'succeeded');
  if (failure !== undefined && !worthRetrying(context, step, failure.outcome))
    return afterFailure(context, step, failure.outcome);
  if (failure !== undefined && now < retryAt(failure.at, progress.attempt, timing)) return [];
  const open = [...stepTable[step].actions(context)].filter(
    ([target]) => progress.outcomes.get(target)?.outcome.kind !== 'succeeded',
  );
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
    case 'drain':
      return context.progress.attempt < context.timing.attemptsMax;
    case 'takeOut':
    case 'apply':
    case 'rollback':
    case 'reboot':
    case 'verify':
    case 'settle':
      return context.now < deadlineAt(context, step);
  }
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
  const untouched = context.progress.attempt === 0 || step !== 'drain';
  if (untouched && (step === 'drain' || step === 'reboot' || (step === 'apply' && poolsOf(context).length === 0))) {
    const refusal = safetyNow(context);
    if (refusal !== null) return safetyLost(context, step, refusal);
  }
  return actions.map((action, index) => makeIntent(context, step, action, context.progress.intents + index, 'step'));
}

function safetyNow(context: StepContext): Reason | null {
  const { rollout, progress, world, now, timing } = context;
  return mayTakeOut([progress.host], { fleet: rollout.plan.fleet, groups: rollout.plan.groups, timing }, world, now);
}

/** Before anything was taken from users the slot is given back; after it, the host is, and its reboot is queued. */
function safetyLost(context: StepContext, step: Step, because: Reason): readonly RolloutFact[] {
  const { host, steps } = context.progress;
  const reason: Reason = { code: 'safety-lost', step, because };
  if (step !== 'reboot') return [{ kind: 'slotReleased', host, reason }];
  const back = wayHome(context, true);
  const queued: Ending = {
    kind: 'ready',
    steps: ['takeOut', ...(poolsOf(context).length > 0 ? (['drain'] as const) : []), ...steps],
    reason,
  };
  return [{ kind: 'rerouted', host, steps: back, ending: queued, reason }];
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
  return saysNo && context.rollout.plan.change.reboot === 'ifNeeded' && context.progress.steps.includes('reboot');
}

function confirmationLate(context: StepContext, step: Step, missing: string): readonly RolloutFact[] {
  // Waiting costs users nothing they do not lack already, and giving up would leave an obligation open.
  if (step === 'undrain') return [];
  return giveUp(context, step, { code: 'not-confirmed', message: `still missing at the deadline: ${missing}` });
}

function afterFailure(context: StepContext, step: Step, outcome: Outcome): readonly RolloutFact[] {
  const { host } = context.progress;
  switch (outcome.kind) {
    case 'succeeded':
      return [];
    case 'unknown':
      return step === 'drain'
        ? giveUp(context, step, { code: 'unknown', message: outcome.detail })
        : hold(host, step, { code: 'step-unknown', step, detail: outcome.detail });
    case 'unreachable':
      return giveUp(context, step, { code: 'host-unreachable', message: outcome.detail });
    case 'failed':
      return giveUp(context, step, outcome.failure);
  }
}

/** A step has failed for good: each row of the table has its own safe place. */
function giveUp(context: StepContext, step: Step, failure: StepFailure): readonly RolloutFact[] {
  const { host } = context.progress;
  const reason: Reason = { code: 'step-failed', step, failure };
  switch (step) {
    case 'preflight':
      return [{ kind: 'skipped', host, reason }];
    case 'drain':
      return [{ kind: 'rerouted', host, steps: wayHome(context, false), ending: { kind: 'skipped', reason }, reason }];
    case 'apply':
    case 'verify':
      return undoOrHold(context, step, reason);
    case 'fetch':
    case 'takeOut':
    case 'rollback':
    case 'reboot':
    case 'undrain':
    case 'settle':
      return hold(host, step, reason);
  }
}

function undoOrHold(context: StepContext, step: Step, reason: Reason): readonly RolloutFact[] {
  const { progress, rollout } = context;
  const changed = step === 'apply' || progress.runs === 'packages';
  if (rollout.plan.fleet.policy.onFailure === 'hold' || !changed) return hold(progress.host, step, reason);
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
  if (!mustStayDrained(context)) return [];
  const forgotten = [...rollout.obligations.values()].filter((obligation) => {
    if (obligation.host !== progress.host) return false;
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

/** From the confirmed drain until the undrain begins, and for as long as the host is held. */
function mustStayDrained(context: StepContext): boolean {
  const { state, steps } = context.progress;
  if (state.kind !== 'out' && state.kind !== 'held') return false;
  return steps.includes('undrain') && steps[0] !== 'drain' && steps[0] !== 'undrain';
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
