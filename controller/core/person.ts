import type { RolloutFact } from './event.ts';
import type { HostId } from './fleet.ts';
import { stepsAnew } from './other-rollouts.ts';
import type { HostProgress, Rollout } from './rollout.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/**
 * What "try again" means for a host, or in words why there is nothing to try again. A held host goes on from the step that failed, or
 * where it holds no slot from its preflight: another rollout may have had it meanwhile. One that was skipped because a step failed
 * begins anew.
 */
export function retryFacts(rollout: Rollout, host: HostId, by: string, world: World): readonly RolloutFact[] | string {
  const progress = rollout.hosts.get(host);
  if (progress === undefined) return `it is not in rollout ${rollout.id}`;
  if (progress.state.kind === 'held')
    return [{ kind: 'retried', host, by, steps: stepsAgain(rollout, progress, world) }];
  if (progress.state.kind !== 'skipped') return `it is ${progress.state.kind}, and nothing of it has failed`;
  const steps = rollout.plan.hosts.find((each) => each.host === host)?.steps ?? [];
  return [{ kind: 'retried', host, by, steps }];
}

/**
 * Firmware is begun once; where that may have been, only the proof can tell. Where somebody has rebooted a host that did not come back, its reboot has happened: a second one would be one too many. One that has
 * booted once more since it was verified is verified on this boot.
 */
function stepsAgain(rollout: Rollout, progress: HostProgress, world: World): readonly Step[] {
  const { steps, bootId } = progress;
  if (progress.slotTakenAt === null) return stepsAnew(rollout, progress);
  const present = bootIdNow(progress, world);
  // Power is taken once. Where nobody sees another boot the reboot is ordered anew: a host that is past it refuses that.
  if (steps[0] === 'powerCycle')
    return present === null || present === progress.reboot?.bootIdBefore
      ? ['reboot', ...steps.slice(1)]
      : steps.slice(1);
  if (steps[0] === 'updateFirmware' && progress.firmwareBegun) return steps.slice(1);
  if (present === null || bootId === null || present === bootId) return steps;
  if (steps[0] === 'reboot') return steps.slice(1);
  return steps[0] === 'undrain' || steps[0] === 'settle' ? ['verify', ...steps] : steps;
}

/** By its agent, or where that is silent by its executor, or by the step that failed; null where none has spoken since our last effect on it. */
function bootIdNow({ host, lastEffectAt, outcomes }: HostProgress, world: World): string | null {
  const facts = world.hosts.get(host);
  const since = lastEffectAt ?? 0;
  if (facts !== undefined && facts.beats.length > 0 && facts.observedAt >= since) return facts.bootId;
  const overShell = facts?.overShell ?? null;
  if (overShell !== null && overShell.at >= since) return overShell.bootId;
  const outcome = outcomes.get('')?.outcome;
  return outcome?.kind === 'failed' ? (outcome.evidence?.bootId ?? null) : null;
}

/** What a person's taking over means for a host, or in words why it cannot be done now. */
export function releaseFacts(
  rollout: Rollout,
  host: HostId,
  by: string,
  text: string,
): readonly RolloutFact[] | string {
  const progress = rollout.hosts.get(host);
  if (progress === undefined) return `it is not in rollout ${rollout.id}`;
  if (progress.state.kind === 'done' || progress.state.kind === 'skipped')
    return `it is ${progress.state.kind} already`;
  if ([...rollout.openIntents.values()].some((intent) => intent.host === host))
    return `${progress.steps[0] ?? 'a step'} is under way on it; ask again when that has ended`;
  const released: RolloutFact = { kind: 'released', host, by, text };
  if (progress.slotTakenAt === null) return [released];
  return [{ kind: 'slotReleased', host, reason: { code: 'released', by, text } }, released];
}
