import { durationText } from '../../../lib/duration-text.ts';
import type { RolloutDocument, RolloutHostDocument } from '../../../proto/zdms/v1/documents.ts';
import { countText } from '../terminal/cut.ts';
import { haltLine } from './halt-text.ts';
import { shortPlan } from './plan-text.ts';

/** States in the order in which people care. */
const STATES = ['held', 'out', 'preparing', 'ready', 'waiting', 'done', 'skipped'];

/** Journal lines at the end of `status`. */
const RECENT_LINES = 10;

/** What `zdms status` prints. `now` is UTC ms. */
export function rolloutText(rollout: RolloutDocument, now: number): string {
  return [
    ...headLines(rollout, now),
    ...rollout.hosts.map((host) => hostLine(host, now, idWidth(rollout.hosts))),
    ...footLines(rollout),
    ...(rollout.recent.length === 0
      ? []
      : ['recent', ...rollout.recent.slice(-RECENT_LINES).map((line) => `  ${recentText(line)}`)]),
    '',
  ].join('\n');
}

/** The rollout as a whole: a halt before all else, what it is, how far it is, why it does not go on. */
export function headLines(rollout: RolloutDocument, now: number): string[] {
  const { id, plan, change, endedAt, stage, reason, halt } = rollout;
  const parts = [`rollout ${id}`, `plan ${shortPlan(plan)}`, change, stateText(rollout, now)];
  if (stage !== null && endedAt === null) parts.push(`stage ${stage}`);
  return [
    ...(halt === null ? [] : [haltLine(halt, now)]),
    parts.join('  '),
    ...(reason === null ? [] : [reason.text]),
    countsText(countsOf(rollout.hosts)),
  ];
}

/** Only a running one is timed by its state: for how long another one has been paused or stopped nobody says here. */
function stateText({ state, startedAt, endedAt }: RolloutDocument, now: number): string {
  if (startedAt === null) return state;
  const duration = durationText((endedAt ?? now) - startedAt);
  if (endedAt !== null) return `${state} in ${duration}`;
  return state === 'running' ? `running for ${duration}` : `${state}  started ${duration} ago`;
}

/** The rollout as a whole and one of its hosts, after a word about that host. */
export function hostOfRolloutText(rollout: RolloutDocument, id: string, now: number): string {
  const line = rollout.hosts.filter(({ host }) => host === id).map((host) => hostLine(host, now, id.length));
  return `${[...headLines(rollout, now), ...line].join('\n')}\n`;
}

/** What is still to be put back, how the quorum groups stand, and what users saw. */
export function footLines({ obligations, quorums, probes }: RolloutDocument): string[] {
  return [
    ...(obligations.length === 0 ? ['obligations  none open'] : obligations.map(({ text }) => `obligation  ${text}`)),
    ...quorums.map(quorumText),
    ...probes.map(probeText),
  ];
}

/** One host. `width` is that of the longest id. */
export function hostLine(
  { host, state, step, stepSince, reason }: RolloutHostDocument,
  now: number,
  width: number,
): string {
  const inHand = step === null ? '' : `${step}${stepSince === null ? '' : ` ${durationText(now - stepSince)}`}`;
  return `  ${host.padEnd(width)}  ${state.padEnd(9)}  ${inHand.padEnd(14)}  ${reason?.text ?? ''}`.trimEnd();
}

/** Width of the longest id. */
export function idWidth(hosts: readonly RolloutHostDocument[]): number {
  return hosts.reduce((width, { host }) => Math.max(width, host.length), 4);
}

/** Those that need attention first. */
export function byUrgency(hosts: readonly RolloutHostDocument[]): RolloutHostDocument[] {
  return hosts.toSorted((one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state));
}

/** One journal line with its time of day (UTC). */
export function recentText({ at, text }: RolloutDocument['recent'][number]): string {
  return `${new Date(at).toISOString().slice(11, 19)} ${text}`;
}

function countsOf(hosts: readonly RolloutHostDocument[]): Readonly<Record<string, number>> {
  return Object.fromEntries(STATES.map((state) => [state, hosts.filter((host) => host.state === state).length]));
}

/** How many hosts are in each state. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const shown = STATES.map((state) => [counts[state] ?? 0, state] as const).filter(([count]) => count > 0);
  const total = shown.reduce((sum, [count]) => sum + count, 0);
  return `${total} hosts: ${shown.map(([count, state]) => `${count} ${state}`).join(', ')}`;
}

function probeText({ service, sent, failed, sentWhileOut }: RolloutDocument['probes'][number]): string {
  return `probe ${service}  ${countText(sent)} sent  ${countText(failed)} failed  ${countText(sentWhileOut)} while hosts were out`;
}

function quorumText({ service, voters, healthy, leader }: RolloutDocument['quorums'][number]): string {
  return `quorum ${service}  ${healthy} of ${voters} healthy, ${leader === null ? 'NO leader' : `leader ${leader}`}`;
}
