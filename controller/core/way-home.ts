import type { Ending, RolloutFact } from './event.ts';
import type { StepContext } from './host-steps.ts';
import type { Reason } from './reason.ts';
import type { Step } from './step.ts';

/** The shortest safe way back into service from where the host is. */
export function wayHome(context: StepContext, touched: boolean): readonly Step[] {
  const mine = [...context.rollout.obligations.values()].some((each) => each.host === context.progress.host);
  return [...(touched ? (['verify'] as const) : []), ...(mine ? (['undrain'] as const) : []), 'settle'];
}

/** The way back from a step that has harmed nothing itself; a leader that had to hand over once more may have been patched before. */
export function wayHomeUnharmed(context: StepContext, step: Step): readonly Step[] {
  return wayHome(context, step === 'switchover' && context.progress.runs === 'packages');
}

/** What an abort makes of a host that is being prepared or is out; null: its own next steps are the shortest safe way already. */
export function wayBackOnAbort(context: StepContext, step: Step): readonly RolloutFact[] | null {
  const { progress } = context;
  const { host } = progress;
  const reason = abortReason(context, step);
  const skipped: Ending = { kind: 'skipped', reason };
  if (progress.state.kind === 'preparing') return [{ kind: 'skipped', host, reason }];
  const begun = [...progress.outcomes.values()].some((each) => each.outcome.kind !== 'unreachable');
  if (begun && step !== 'drain' && step !== 'switchover') return null;
  switch (step) {
    case 'switchover':
    case 'drain':
    case 'apply':
      return [{ kind: 'rerouted', host, steps: wayHomeUnharmed(context, step), ending: skipped, reason }];
    case 'updateFirmware':
    case 'reboot':
    case 'powerCycle':
      return [{ kind: 'rerouted', host, steps: wayHome(context, true), ending: skipped, reason }];
    case 'preflight':
    case 'fetch':
    case 'takeOut':
    case 'rollback':
    case 'verify':
    case 'undrain':
    case 'settle':
      return null;
  }
}

/**
 * An abort is the word that a held host waits for: it tries the way back once, over its previous versions where the apply is in doubt.
 * What is not proven well on that way is held again, and stays so.
 */
export function wayBackForHeld(context: StepContext): readonly RolloutFact[] {
  const { host, steps, ending, slotTakenAt } = context.progress;
  if (ending.kind === 'skipped' && ending.reason.code === 'aborted') return [];
  const step = steps[0] ?? 'settle';
  const reason = abortReason(context, step);
  if (slotTakenAt === null) return [{ kind: 'skipped', host, reason }];
  const inDoubt = step === 'apply' || step === 'rollback';
  const back = [...(inDoubt ? (['rollback'] as const) : []), ...wayHome(context, true)];
  return [{ kind: 'rerouted', host, steps: back, ending: { kind: 'skipped', reason }, reason }];
}

function abortReason(context: StepContext, inHand: Step): Reason {
  const { reason } = context.rollout;
  const by = reason?.code === 'rollout-aborted' ? reason.by : '';
  return { code: 'aborted', by, after: stepBefore(context, inHand) };
}

/** The last step that is known to be done; null where none of them touched the host. */
function stepBefore({ rollout, progress }: StepContext, inHand: Step): Step | null {
  const steps = rollout.plan.hosts.find((each) => each.host === progress.host)?.steps ?? [];
  const before = steps.includes(inHand) ? (steps[steps.indexOf(inHand) - 1] ?? null) : inHand;
  return before === 'preflight' || before === 'fetch' ? null : before;
}
