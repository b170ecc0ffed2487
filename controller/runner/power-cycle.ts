import type { Reply } from '../../proto/zdms/v1/executor.ts';
import type { Action, Intent, Outcome, StepEvidence } from '../core/event.ts';
import type { Host } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
import { BmcError } from '../ports/bmc.ts';
import { HostUnreachableError, ReplyLostError } from '../ports/host-shell.ts';
import { StaleEpochError } from '../ports/store.ts';
import { askExecutor, type Executors } from './executors.ts';
import { requestFor } from './orders.ts';

const pauseMs = 500;

type PowerCycle = Extract<Action, { kind: 'powerCycle' }>;

/**
 * Takes a host's power and gives it back by its management controller, at most once, and waits until its executor speaks of another boot.
 * What that knows of the reboot is the outcome: exactly one boot. `fresh` as for `perform`: otherwise it may have been done already, and
 * the host is only waited for. Throws StaleEpochError.
 */
export async function powerCycle(
  intent: Intent & { readonly action: PowerCycle },
  rollout: Rollout,
  host: Host,
  fresh: boolean,
  ports: Executors,
): Promise<Outcome> {
  if (!fresh) return waitForReturn(intent, rollout, host, ports, 'its power may have been cycled');
  if (intent.action.lives)
    return waitForReturn(intent, rollout, host, ports, 'its power was left on: its agent speaks');
  if (ports.isHalted()) return { kind: 'unreachable', detail: 'halted before it was sent' };
  // It may have come back while this waited for its turn; and one that has heard a later controller says so.
  const asked = await ask(intent, rollout, host, ports);
  if (typeof asked !== 'string') {
    const back = outcomeOf(asked, intent.action, host, ports);
    return back ?? waitForReturn(intent, rollout, host, ports, 'its power was left on: its executor answers');
  }
  const cycled = await cycle(host, ports);
  return typeof cycled === 'string' ? waitForReturn(intent, rollout, host, ports, cycled) : cycled;
}

/** In words what was done, as far as anybody knows; an outcome where certainly nothing was. */
async function cycle(host: Host, { bmcOf }: Executors): Promise<Outcome | string> {
  const bmc = bmcOf(host.id);
  if (bmc === null) return failed('no-bmc', `controller.yaml names no management controller for ${host.id}`);
  try {
    await bmc.powerCycle();
    return 'its power was cycled';
  } catch (error) {
    if (!(error instanceof BmcError)) throw error;
    switch (error.kind) {
      case 'unreachable':
        return { kind: 'unreachable', detail: error.message };
      case 'refused':
      case 'bad-answer':
        return failed('bmc-refused', error.message);
      case 'unknown':
        return `its power may have been cycled (${error.message})`;
    }
  }
}

async function waitForReturn(
  intent: Intent & { readonly action: PowerCycle },
  rollout: Rollout,
  host: Host,
  ports: Executors,
  done: string,
): Promise<Outcome> {
  let lastTrouble = 'not reached before the deadline';
  while (ports.clock.now() < intent.deadlineAt) {
    const asked = await ask(intent, rollout, host, ports);
    const outcome = typeof asked === 'string' ? null : outcomeOf(asked, intent.action, host, ports);
    if (outcome !== null) return outcome;
    lastTrouble = typeof asked === 'string' ? asked : 'it is still on the boot from before';
    await ports.clock.sleep(pauseMs);
  }
  return { kind: 'unknown', detail: `${done}; ${lastTrouble}` };
}

async function ask(
  intent: Intent & { readonly action: PowerCycle },
  rollout: Rollout,
  host: Host,
  ports: Executors,
): Promise<Reply | string> {
  try {
    return await askExecutor(ports, rollout, host, ports.timing.answerWithinMs, (frame) =>
      requestFor(intent, rollout, frame, ports.timing),
    );
  } catch (error) {
    if (error instanceof HostUnreachableError || error instanceof ReplyLostError) return error.message;
    throw error;
  }
}

/** Null: it has not come back yet. */
function outcomeOf(reply: Reply, { bootIdBefore }: PowerCycle, host: Host, ports: Executors): Outcome | null {
  switch (reply.kind) {
    case 'finished': {
      const { outcome } = reply;
      const { bootId, versions, remarks } = outcome.evidence;
      const evidence = { ...noted(bootId, bootIdBefore), versions, remarks };
      if (outcome.kind === 'succeeded') return { kind: 'succeeded', evidence };
      return { kind: 'failed', failure: { code: outcome.code, message: outcome.message }, evidence };
    }
    // The order to reboot never arrived, and yet it is on another boot now.
    case 'absent':
      return reply.bootId === bootIdBefore
        ? null
        : { kind: 'succeeded', evidence: { ...noted(reply.bootId, bootIdBefore), versions: reply.versions } };
    case 'refused':
      if (reply.code === 'stale-epoch')
        throw new StaleEpochError(ports.epoch, `${host.id} has seen epoch ${reply.epochSeen ?? 'unknown'}`);
      return null;
    case 'accepted':
    case 'running':
    case 'interrupted':
    case 'shown':
    case 'members':
    case 'compared':
      return null;
  }
}

function noted(bootId: string | null, bootIdBefore: string): StepEvidence {
  return { bootId, bootIdBefore, versions: {}, rebootNeeded: null, spentMs: {}, remarks: [] };
}

function failed(code: string, message: string): Outcome {
  return { kind: 'failed', failure: { code, message }, evidence: null };
}
