import { stageSoakedAt } from './decide.ts';
import { haltReason, stopReason } from './halt.ts';
import { type Dispatch, dispatch, prepareLimit } from './dispatch.ts';
import { isFirmwareTarget } from './firmware.ts';
import type { HostId } from './fleet.ts';
import { hostsElsewhere } from './other-rollouts.ts';
import { type StepContext, stageHosts, stepTable } from './host-steps.ts';
import { deadlineAt, retryAt, waitsToDisrupt } from './next-step.ts';
import type { Reason } from './reason.ts';
import type { HostProgress, Rollout } from './rollout.ts';
import type { Step } from './step.ts';
import type { Timing } from './timing.ts';
import { windowRefusalsIn } from './window.ts';
import { timingOfHost } from './timing-of-host.ts';
import type { World } from './world.ts';

/** Why this host of the rollout is not done; null: it is, or nothing is in its way. From the same code that decides. */
export function whyNot(rollout: Rollout, host: HostId, world: World, now: number, timing: Timing): Reason | null {
  return whyNots(rollout, world, now, timing)(host);
}

/** The same for many hosts of one rollout at one moment. */
export function whyNots(rollout: Rollout, world: World, now: number, timing: Timing): (host: HostId) => Reason | null {
  let dispatched: Dispatch | null = null;
  const whyWaits = (host: HostId): Reason | null =>
    (dispatched ??= dispatch(rollout, world, now, timing)).whyWaits(host);
  const elsewhere = hostsElsewhere(rollout, world);
  // Once for all hosts: to look through thousands of hosts for each of thousands takes seconds.
  let gate: StageGate | null = null;
  const whyClosed = (host: HostId): Reason | null => stageReason(rollout, host, (gate ??= stageGate(rollout)), now);
  const whyStep = (progress: HostProgress): Reason | null =>
    stepReason({ rollout, progress, world, now, timing: timingOfHost(timing, rollout, progress.host) });
  return (host) => {
    const progress = rollout.hosts.get(host);
    if (progress === undefined) return rollout.plan.leftOut.find((each) => each.host === host)?.reason ?? null;
    const { state } = progress;
    switch (state.kind) {
      case 'done':
        return null;
      case 'skipped':
      case 'held':
        return state.reason;
      case 'ready':
        return stopReason(rollout) ?? whyWaits(host) ?? state.reason;
      case 'waiting':
        return (
          stopReason(rollout) ??
          haltReason(world) ??
          whyClosed(host) ??
          windowRefusalsIn(rollout, now)(host) ??
          elsewhereReason(host, elsewhere) ?? { code: 'prepare-limit', limit: prepareLimit(host, rollout, timing) }
        );
      case 'preparing':
        return elsewhereReason(host, elsewhere) ?? whyStep(progress);
      case 'out':
        return whyStep(progress);
    }
  };
}

function elsewhereReason(host: HostId, elsewhere: ReadonlyMap<HostId, string>): Reason | null {
  const rollout = elsewhere.get(host);
  return rollout === undefined ? null : { code: 'host-in-other-rollout', rollout };
}

/** Hosts of the stages that are open, and those of them that the next stage waits for. */
interface StageGate {
  readonly open: ReadonlySet<HostId>;
  readonly waitsFor: readonly HostId[];
}

function stageGate(rollout: Rollout): StageGate {
  const open = stageHosts(rollout);
  return { open: new Set(open), waitsFor: open.filter((id) => !ended(rollout.hosts.get(id))) };
}

function stageReason(rollout: Rollout, host: HostId, { open, waitsFor }: StageGate, now: number): Reason | null {
  if (open.has(host)) return null;
  const stage = rollout.plan.stages.find((each) => each.hosts.includes(host))?.name ?? '';
  const until = stageSoakedAt(rollout);
  if (until !== null && until > now)
    return { code: 'soaking', stage: rollout.plan.stages[rollout.stage]?.name ?? '', until };
  return { code: 'stage-not-open', stage, waitsFor };
}

function ended(progress: HostProgress | undefined): boolean {
  return progress?.state.kind === 'done' || progress?.state.kind === 'skipped';
}

function stepReason(context: StepContext): Reason | null {
  const { progress, rollout, timing, now } = context;
  const step = progress.steps[0];
  if (step === undefined) return null;
  const [target = '', failed] = [...progress.outcomes].find(([, each]) => each.outcome.kind !== 'succeeded') ?? [];
  const outcome = failed?.outcome;
  if (outcome?.kind === 'unreachable') return unreachable(context, step, target, outcome.detail);
  const open = [...rollout.openIntents.values()].some(
    (intent) => intent.host === progress.host && (intent.purpose === 'step' || step === 'undrain'),
  );
  if (open)
    return { code: 'step-running', step, since: progress.stepSince ?? now, deadlineAt: deadlineAt(context, step) };
  if (failed !== undefined && outcome !== undefined && outcome.kind !== 'succeeded') {
    const failure = outcome.kind === 'failed' ? outcome.failure : { code: 'unknown', message: outcome.detail };
    return {
      code: 'retry-pending',
      step,
      attempt: progress.attempt,
      at: retryAt(failed.at, progress.attempt, timing),
      failure,
    };
  }
  const halted = waitsToDisrupt(context, step);
  if (halted !== null) return halted;
  const missing = stepTable[step].missing(context);
  return missing === null ? null : { code: 'confirming', step, missing };
}

function unreachable({ progress }: StepContext, step: Step, target: string, detail: string): Reason {
  if (step === 'powerCycle' || isFirmwareTarget(target))
    return { code: 'bmc-unreachable', host: progress.host, detail };
  return { code: 'host-unreachable', host: hostOfTarget(target) ?? progress.host, detail };
}

/** The balancer that a step acts on there; null where it is the host itself. */
function hostOfTarget(target: string): HostId | null {
  return target === '' ? null : (target.split('/')[0] ?? null);
}
