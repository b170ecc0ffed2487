import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { RolloutDocument } from '../../../proto/zdms/v1/documents.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodeOfRollout, exitCodes } from '../exit-code.ts';
import type { OperatorClient } from '../operator-client.ts';
import { reportText } from '../texts/report-text.ts';
import { liveView } from './live-view.ts';
import { plainView } from './plain-view.ts';
import type { RolloutView } from './rollout-view.ts';

/** A controller that was killed takes the rollout up again; a watcher waits this long for that. */
const RECONNECT_DEADLINE_MS = 600_000;
const RECONNECT_GAP_MS = 1_000;

/** States of hosts that nobody but a person changes. */
const RESTING: ReadonlySet<string> = new Set(['done', 'skipped', 'held']);

const LOST_TEXT = 'the controller does not answer; hosts that are out stay out; asking again';

/**
 * Shows a rollout until it ends, or stops for a person, or the person stops watching. Resolves to the exit code. Survives a
 * controller's restart.
 *
 * @param rollout empty: the only open one, otherwise the last one.
 */
export async function followRollout(client: OperatorClient, rollout: string, context: CliContext): Promise<number> {
  const { terminal } = context;
  const left = new AbortController();
  const stopListening = terminal.onInterrupt(() => left.abort());
  const view = terminal.isLive ? liveView(context) : plainView(context);
  let last: RolloutDocument | null = null;
  try {
    last = await watchToTheEnd(client, rollout, context, view, left.signal);
  } finally {
    view.end();
    stopListening();
  }
  if (last === null) {
    terminal.write('\nNo longer watching; the rollout goes on. `zdms watch` follows it again, `zdms abort` ends it.\n');
    return exitCodes.interrupted;
  }
  terminal.write(await closingText(client, last));
  return exitCodeOfRollout(last);
}

/** The last document; null when the person left. */
async function watchToTheEnd(
  client: OperatorClient,
  wanted: string,
  context: CliContext,
  view: RolloutView,
  left: AbortSignal,
): Promise<RolloutDocument | null> {
  const hasLeft = () => left.aborted;
  let rollout = wanted;
  let lostAt: number | null = null;
  while (!hasLeft()) {
    try {
      for await (const document of client.watch(rollout, left)) {
        lostAt = null;
        rollout = document.id;
        view.show(document);
        if (goesNoFurther(document)) return document;
      }
    } catch (error) {
      // Nothing seen yet: there is no controller to wait for.
      if (!isLost(error) || rollout === '') throw error;
      if (lostAt !== null && context.now() - lostAt > RECONNECT_DEADLINE_MS) throw error;
    }
    if (hasLeft()) return null;
    if (lostAt === null) view.note(LOST_TEXT);
    lostAt ??= context.now();
    await context.sleep(RECONNECT_GAP_MS, left);
  }
  return null;
}

function isLost(error: unknown): boolean {
  return error instanceof ZdmsError && (error.code === 'ZDMS_NO_CONTROLLER' || error.code === 'ZDMS_CONTROLLER_FAILED');
}

/** Ended; or nothing moves until a person says something. */
function goesNoFurther({ state, hosts }: RolloutDocument): boolean {
  switch (state) {
    case 'planned':
      return false;
    case 'running':
    case 'aborting':
      return hosts.some((host) => host.state === 'held') && hosts.every((host) => RESTING.has(host.state));
    case 'paused':
    case 'stopped':
      return hosts.every((host) => host.state !== 'out');
    case 'done':
    case 'done-with-exceptions':
    case 'aborted':
      return true;
  }
}

async function closingText(
  client: OperatorClient,
  { id, state, reason, endedAt, hosts }: RolloutDocument,
): Promise<string> {
  if (endedAt !== null) return reportText(await client.report(id));
  const held = hosts.filter((host) => host.state === 'held');
  const lines = [
    ...(reason === null ? [] : [reason.text]),
    ...held.map((host) => `${host.host} held, ${host.reason?.text ?? ''}`),
  ];
  return `${lines.join('\n')}\nNext: ${nextText(state, held[0]?.host)}; zdms status shows where each host stands.\n`;
}

/** `held`: one host that a person has to say something about. */
function nextText(state: RolloutDocument['state'], held: string | undefined): string {
  const ways = [
    ...(held === undefined ? [] : [`zdms retry ${held}`, `zdms release ${held} --reason TEXT`]),
    ...(state === 'paused' || state === 'stopped' ? ['zdms resume'] : []),
    ...(state === 'aborting' ? [] : ['zdms abort']),
  ];
  return ways.length < 2 ? ways.join('') : `${ways.slice(0, -1).join(', ')}, or ${ways.at(-1)}`;
}
