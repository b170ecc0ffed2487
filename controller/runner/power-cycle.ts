import type { Reply } from '../../proto/zdms/v1/executor.ts';
import type { Action, Intent, Outcome, StepEvidence } from '../core/event.ts';
import type { Host } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
import { BmcError } from '../ports/bmc.ts';
import { HostUnreachableError, ReplyLostError } from '../ports/host-shell.ts';
import { StaleEpochError } from '../ports/store.ts';
import { askExecutor, type Executors } from './executors.ts';

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
  if (!fresh || intent.action.lives) return waitForReturn(intent, rollout, host, ports);
  if (ports.isHalted()) return { kind: 'unreachable', detail: 'halted before it was sent' };
  // It may have come back while this waited for its turn; and one that has heard a later controller says so.
  const asked = await ask(intent, rollout, host, ports);
  if (typeof asked === 'string') {
    const refused = await cycle(host, ports);
    if (refused !== null) return refused;
  } else outcomeOf(asked, intent.action, host, ports);
  return waitForReturn(intent, rollout, host, ports);
}

/** Null: it was told to, or nobody knows whether it was. */
async function cycle(host: Host, { bmcOf }: Executors): Promise<Outcome | null> {
  const bmc = bmcOf(host.id);
  if (bmc === null) return failed('no-bmc', `controller.yaml names no management controller for ${host.id}`);
  try {
    await bmc.powerCycle();
    return null;
  } catch (error) {
    if (!(error instanceof BmcError)) throw error;
    switch (error.kind) {
      case 'unreachable':
        return { kind: 'unreachable', detail: error.message };
      case 'refused':
      case 'bad-answer':
        return failed('bmc-refused', error.message);
      case 'unknown':
        return null;
    }
  }
}

async function waitForReturn(
  intent: Intent & { readonly action: PowerCycle },
  rollout: Rollout,
  host: Host,
  ports: Executors,
): Promise<Outcome> {
  let lastTrouble = 'not reached before the deadline';
  while (ports.clock.now() < intent.deadlineAt) {
    const asked = await ask(intent, rollout, host, ports);
    const outcome = typeof asked === 'string' ? null : outcomeOf(asked, intent.action, host, ports);
    if (outcome !== null) return outcome;
    lastTrouble = typeof asked === 'string' ? asked : 'it is still on the boot from before';
    await ports.clock.sleep(pauseMs);
  }
  return { kind: 'unknown', detail: `its power was cycled; ${lastTrouble}` };
}

async function ask(
  intent: Intent & { readonly action: PowerCycle },
  rollout: Rollout,
  host: Host,
  ports: Executors,
): Promise<Reply | string> {
  try {
    return await askExecutor(ports, rollout, host, ports.timing.answerWithinMs, (frame) => ({
      ...{ v: 1, host: host.id, token: `${intent.token}.status`, ...frame },
      ...{ verb: 'status', of: intent.action.reboot, waitMs: 0 },
    }));
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
      return null;
  }
}

function noted(bootId: string | null, bootIdBefore: string): StepEvidence {
  return { bootId, bootIdBefore, versions: {}, rebootNeeded: null, spentMs: {}, remarks: [] };
}

function failed(code: string, message: string): Outcome {
  return { kind: 'failed', failure: { code, message }, evidence: null };
}
