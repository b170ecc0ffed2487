import { assertInvariant } from '../../lib/invariant-error.ts';
import type { Action, RolloutEvent } from './event.ts';
import type { HostId } from './fleet.ts';
import type { HostProgress, Rollout, RolloutState } from './rollout.ts';

/** What takes something from users; an undrain and what only looks or fetches does not. */
export const needsSlot: ReadonlySet<Action['kind']> = new Set([
  'moveLeader',
  'drain',
  'apply',
  'rollback',
  'reboot',
  'powerCycle',
  'beginFirmware',
]);

/** Throws InvariantError where this event cannot come next: what a bug decided must not reach the disk. */
export function assertMayFollow(rollout: Rollout, event: RolloutEvent): void {
  assertInvariant(rollout.endedAt === null, `${event.kind} after the end of rollout ${rollout.id}`);
  switch (event.kind) {
    case 'created':
      assertInvariant(false, `rollout ${rollout.id} was created twice`);
      return;
    case 'started':
      return assertStateIn(rollout, event.kind, ['planned']);
    case 'paused':
      return assertStateIn(rollout, event.kind, ['running', 'paused']);
    case 'stopped':
      return assertStateIn(rollout, event.kind, ['running']);
    case 'resumed':
      return assertStateIn(rollout, event.kind, ['paused', 'stopped']);
    case 'abortRequested':
      return assertStateIn(rollout, event.kind, ['planned', 'running', 'paused', 'stopped']);
    case 'stageOpened':
      assertInvariant(
        event.stage === rollout.stage + 1 && event.stage < rollout.plan.stages.length,
        `stage ${event.stage} opened after ${rollout.stage}`,
      );
      return;
    case 'slotTaken':
      assertStateIn(rollout, event.kind, ['running']);
      assertInvariant(
        progressOf(rollout, event.host).state.kind === 'ready',
        `${event.host} was taken out before it was ready`,
      );
      return;
    case 'slotReleased':
      assertInvariant(
        progressOf(rollout, event.host).slotTakenAt !== null,
        `${event.host} gave back a slot that it does not hold`,
      );
      return;
    case 'skipped':
    case 'hostEnded':
      assertInvariant(progressOf(rollout, event.host).slotTakenAt === null, `${event.host} ended with its slot`);
      return;
    case 'ended':
      return assertAllBack(rollout);
    case 'intended':
      assertInvariant(
        !needsSlot.has(event.action.kind) || progressOf(rollout, event.host).slotTakenAt !== null,
        `${event.host} was to ${event.action.kind} without a slot`,
      );
      return;
    case 'retried':
      assertInvariant(isOver(progressOf(rollout, event.host)), `${event.host} was tried again before it had ended`);
      return;
    case 'released':
      assertInvariant(
        progressOf(rollout, event.host).slotTakenAt === null && !hasOpenIntent(rollout, event.host),
        `${event.host} was released with its slot or with an intent open`,
      );
      return;
    case 'takenOver':
    case 'halted':
    case 'unhalted':
    case 'quorumRead':
    case 'outTogether':
    case 'quarantined':
    case 'finished':
    case 'stepDone':
    case 'rerouted':
    case 'held':
    case 'probed':
      return;
  }
}

/** Held, or skipped: its own steps have come to an end. */
function isOver({ state }: HostProgress): boolean {
  return state.kind === 'held' || state.kind === 'skipped';
}

function hasOpenIntent(rollout: Rollout, host: HostId): boolean {
  return [...rollout.openIntents.values()].some((intent) => intent.host === host);
}

function assertStateIn(rollout: Rollout, kind: string, states: readonly RolloutState[]): void {
  assertInvariant(states.includes(rollout.state), `rollout ${rollout.id} was ${rollout.state} at ${kind}`);
}

function progressOf(rollout: Rollout, host: HostId): HostProgress {
  const progress = rollout.hosts.get(host);
  assertInvariant(progress !== undefined, `rollout ${rollout.id} has no host ${host}`);
  return progress;
}

function assertAllBack(rollout: Rollout): void {
  assertInvariant(rollout.obligations.size === 0, `rollout ${rollout.id} ended with an obligation open`);
  assertInvariant(rollout.openIntents.size === 0, `rollout ${rollout.id} ended with an intent open`);
  for (const { host, state, slotTakenAt } of rollout.hosts.values()) {
    assertInvariant(slotTakenAt === null, `rollout ${rollout.id} ended with a slot for ${host}`);
    assertInvariant(
      state.kind === 'done' || state.kind === 'skipped',
      `rollout ${rollout.id} ended with ${host} ${state.kind}`,
    );
  }
}
