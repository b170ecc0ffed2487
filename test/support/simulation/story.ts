import type { Outcome, RolloutEvent } from '../../../controller/core/event.ts';
import { explain } from '../../../controller/core/explain.ts';
import type { Reason } from '../../../controller/core/reason.ts';
import type { Effect } from './simulated-host.ts';

/** Who a line of the story is about. */
const marks = {
  J: 'the journal: an event of a rollout, as it was committed',
  H: 'a host does something to its users, or lets them on again',
  F: 'a fault begins or ends',
  P: 'a person does something, or the fleet around the controller',
  C: 'a controller starts, stops, is frozen or thawed; its clock is set; its store fails',
  X: 'a rule is broken',
} as const;
export type Mark = keyof typeof marks;

/** The first lines of a printed story. */
export const legend: readonly string[] = [
  'One line for each event: seconds since the first rollout began, a mark, and what happened.',
  ...Object.entries(marks).map(([mark, means]) => `  ${mark}  ${means}`),
];

/** All that happened in one run, in order; the text is made when somebody reads it. */
export class Story {
  readonly #lines: { readonly at: number; readonly mark: Mark; readonly text: string | (() => string) }[] = [];
  readonly #now: () => number;

  /** `now`: ms since the first rollout began. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get length(): number {
    return this.#lines.length;
  }

  tell(mark: Mark, text: string | (() => string)): void {
    this.#lines.push({ at: this.#now(), mark, text });
  }

  lines(): readonly string[] {
    return this.#lines.map(({ at, mark, text }) => {
      const seconds = (at / 1000).toFixed(3).padStart(10);
      return `${seconds}  ${mark}  ${typeof text === 'string' ? text : text()}`;
    });
  }
}

/** An event of the journal in one line. */
export function eventLine(rollout: string, event: RolloutEvent): string {
  const host = 'host' in event ? `${event.host} ` : '';
  return `${rollout} ${host}${event.kind}${detailOf(event)}`;
}

function detailOf(event: RolloutEvent): string {
  switch (event.kind) {
    case 'created':
      return ` ${event.plan.hosts.length} hosts in ${event.plan.stages.length} stages, ${event.plan.change.priority}`;
    case 'takenOver':
      return ` epoch ${event.epoch}`;
    case 'stageOpened':
      return ` ${event.stage}`;
    case 'intended':
      return ` ${event.token} (${event.action.kind}${event.purpose === 'protect' ? ', to protect' : ''})`;
    case 'finished':
      return ` ${event.token}: ${outcomeText(event.outcome)}`;
    case 'stepDone':
      return ` ${event.step}`;
    case 'rerouted':
      return ` to ${event.steps.join(' ')}, then ${event.ending.kind}: ${reasonText(event.reason, event.at)}`;
    case 'held':
      return ` at ${event.step}: ${reasonText(event.reason, event.at)}`;
    case 'slotReleased':
    case 'skipped':
    case 'stopped':
      return event.reason === null ? '' : `: ${reasonText(event.reason, event.at)}`;
    case 'paused':
      return ` by ${event.by}: ${reasonText(event.reason, event.at)}`;
    case 'hostEnded':
      return ` ${event.ending.kind}`;
    case 'retried':
      return ` by ${event.by}: ${event.steps.join(' ')}`;
    case 'probed':
      return ` ${event.service}: ${event.failed} of ${event.sent} failed`;
    case 'quorumRead':
      return ` ${event.service}: margin ${event.marginMin} of ${event.voters} voters`;
    case 'outTogether':
      return ` ${event.service}: ${event.out}`;
    case 'quarantined':
      return ` by ${event.by}: ${event.packages.map(({ name, version }) => `${name}=${version}`).join(' ')}`;
    case 'ended':
      return ` ${event.result}`;
    case 'started':
    case 'slotTaken':
    case 'resumed':
    case 'abortRequested':
    case 'halted':
    case 'unhalted':
    case 'released':
      return '';
  }
}

function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
      return `failed, ${outcome.failure.code}: ${outcome.failure.message}`;
    case 'unreachable':
    case 'unknown':
      return `${outcome.kind}, ${outcome.detail}`;
  }
}

function reasonText(reason: Reason, at: number): string {
  return `[${reason.code}] ${explain(reason, at)}`;
}

/** An effect in one line. */
export function effectLine({ kind, host, by, token, epoch, restore }: Effect): string {
  const where = by === host ? '' : ` on ${by}`;
  return `${host} ${kind}${restore === null ? '' : ` to ${restore}`}${where} by ${token}, epoch ${epoch}`;
}
