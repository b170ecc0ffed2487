import { explain, stepName } from '../../core/explain.ts';
import type { Ending, Outcome, RolloutEvent } from '../../core/event.ts';
import { versionKey } from '../../core/versioned-package.ts';

/** One journal entry as people read it; null for entries that only say what another one says better. */
export function eventText(event: RolloutEvent): string | null {
  switch (event.kind) {
    case 'created':
      return `rollout made from plan p${event.plan.hash.slice(0, 7)} by ${event.by}`;
    case 'started':
      return `started by ${event.by}`;
    case 'takenOver':
      return `a controller took over (epoch ${event.epoch})`;
    case 'stageOpened':
      return `stage ${event.stage + 1} opened`;
    case 'intended':
      return intendedText(event);
    case 'finished':
      return outcomeText(event.host, event.token, event.outcome);
    case 'stepDone':
      return event.step === 'takeOut' ? null : `${event.host} ${stepName(event.step)} done`;
    case 'slotTaken':
      return `${event.host} taken out`;
    case 'slotReleased':
      return slotReleasedText(event);
    case 'rerouted':
      return `${event.host} goes on with ${event.steps.map(stepName).join(', ')}, ${explain(event.reason, event.at)}`;
    case 'held':
      return `${event.host} held in ${stepName(event.step)}, ${explain(event.reason, event.at)}`;
    case 'skipped':
      return `${event.host} skipped, ${explain(event.reason, event.at)}`;
    case 'hostEnded':
      return `${event.host} ${endingText(event.ending)}`;
    case 'paused':
      return pausedText(event);
    case 'resumed':
      return `resumed by ${event.by}`;
    case 'abortRequested':
      return `abort asked for by ${event.by}${event.reason === '' ? '' : `: ${event.reason}`}`;
    case 'stopped':
      return explain(event.reason, event.at);
    case 'probed':
      return event.failed === 0 ? null : `${event.failed} of ${event.sent} requests to ${event.service} failed`;
    case 'quorumRead':
      return event.marginMin < 0 ? `${event.service} had no majority: ${-event.marginMin} healthy voters short` : null;
    case 'outTogether':
      return null;
    case 'halted':
      return `HALTED by ${event.by}${event.text === '' ? '' : `: ${event.text}`}`;
    case 'unhalted':
      return `no longer halted, by ${event.by}`;
    case 'quarantined':
      return `${event.packages.map(versionKey).join(', ')} quarantined by ${event.by}: ${event.text}`;
    case 'retried':
      return `${event.host} goes on with ${event.steps.map(stepName).join(', ')}, retried by ${event.by}`;
    case 'released':
      return `${event.host} released by ${event.by}: ${event.text}`;
    case 'ended':
      return `ended: ${event.result}`;
  }
}

/** Whoever takes a host over is named by the entry that follows. */
function slotReleasedText({ host, reason, at }: Extract<RolloutEvent, { kind: 'slotReleased' }>): string | null {
  return reason === null || reason.code === 'released' ? null : `${host} slot released, ${explain(reason, at)}`;
}

/** Most reasons for a pause say by themselves that it is one. */
function pausedText({ by, reason, at }: Extract<RolloutEvent, { kind: 'paused' }>): string {
  const text = explain(reason, at);
  return text.startsWith('paused: ') ? text : `paused by ${by}, ${text}`;
}

/** First tries go without saying: their `stepDone` follows. */
function intendedText(event: Extract<RolloutEvent, { kind: 'intended' }>): string | null {
  const on = 'balancer' in event.action ? ` on ${event.action.balancer}` : '';
  if (event.purpose === 'protect') return `${event.host} ${event.action.kind}${on} re-asserted`;
  if (event.action.kind === 'moveLeader')
    return `${event.host} hands leadership of ${event.action.service} to ${event.action.to}`;
  return event.attempt > 1 ? `${event.host} ${stepName(event.step)}${on} again (try ${event.attempt})` : null;
}

function outcomeText(host: string, token: string, outcome: Outcome): string | null {
  switch (outcome.kind) {
    case 'succeeded':
      return null;
    case 'failed':
      return `${host} ${stepOfToken(host, token)} failed (${outcome.failure.code}): ${outcome.failure.message}`;
    case 'unreachable':
      return `${host} ${stepOfToken(host, token)} not sent, unreachable: ${outcome.detail}`;
    case 'unknown':
      return `${host} ${stepOfToken(host, token)} unknown: ${outcome.detail}`;
  }
}

/** `ROLLOUT.HOST.STEP.ATTEMPT[.BALANCER]`; host ids may hold dots. */
function stepOfToken(host: string, token: string): string {
  const after = token.split(`.${host}.`)[1] ?? token;
  return after.split('.')[0] ?? after;
}

function endingText(ending: Ending): string {
  switch (ending.kind) {
    case 'done':
      return 'is done';
    case 'skipped':
      return 'is back without the change';
    case 'ready':
      return 'is back in the queue';
  }
}
