import {
  type Evidence,
  type ExecutorOutcome,
  isOnWayIn,
  type Reply,
  type RequestBody,
} from '../../proto/zdms/v1/executor.ts';
import { type Intent, isOfFirmware, type Outcome, type StepEvidence } from '../core/event.ts';
import type { Host } from '../core/fleet.ts';
import { isDisruptive } from '../core/halt.ts';
import { timingOfHost } from '../core/timing-of-host.ts';
import { stepTable } from '../core/host-steps.ts';
import type { Rollout } from '../core/rollout.ts';
import { HostUnreachableError, ReplyLostError } from '../ports/host-shell.ts';
import { StaleEpochError } from '../ports/store.ts';
import { askExecutor, type Executors } from './executors.ts';
import { performFirmware } from './perform-firmware.ts';
import { powerCycle } from './power-cycle.ts';
import { executorHost, type ExecutorIntent, requestFor, type RequestFrame } from './orders.ts';

/** `status` holds its answer back this long while the step runs. */
const statusWaitMs = 5000;
/** While a host reboots each try is short: a connection begun too early would only time out late. */
const rebootTryMs = 2500;
const rebootPauseMs = 100;
/** Between tries to reach a host whose answer was lost. */
const inspectPauseMs = 500;
/** What safety said counts this long for an order that did not arrive (ms), as long as the readings that it went by. */
const resendWithinMs = 5000;

/** An outcome and when it was known. */
export interface Performed {
  readonly outcome: Outcome;
  readonly at: number;
}

/**
 * Carries out one committed intent and tells what became of it; never throws but for StaleEpochError.
 * `fresh`: this process committed it just now, so it cannot have been sent. Otherwise the world is asked before anything is sent.
 */
export async function perform(intent: Intent, rollout: Rollout, fresh: boolean, ports: Executors): Promise<Performed> {
  const host = ports.hostOf(executorHost(intent));
  if (host === undefined)
    return {
      outcome: { kind: 'unreachable', detail: `no host ${executorHost(intent)} in the store` },
      at: ports.clock.now(),
    };
  const watched = fresh ? intent : watchedAgain(intent, rollout, ports);
  const { action } = watched;
  if (action.kind === 'powerCycle')
    return now(await powerCycle({ ...watched, action }, rollout, host, fresh, ports), ports);
  if (isOfFirmware(action)) return now(await performFirmware({ ...watched, action }, host, fresh, ports), ports);
  return orderAndWait({ ...watched, action }, rollout, host, fresh, ports);
}

function now(outcome: Outcome, { clock }: Executors): Performed {
  return { outcome, at: clock.now() };
}

async function orderAndWait(
  intent: ExecutorIntent,
  rollout: Rollout,
  host: Host,
  fresh: boolean,
  ports: Executors,
): Promise<Performed> {
  const errand: Errand = {
    ...{ intent, rollout, host, ports, fresh },
    ...{ sentAt: ports.clock.now(), askedAt: 0, shownAt: null },
  };
  const outcome = await (fresh ? act(errand) : inspect(errand, 'look'));
  // With the very time of its reading: a millisecond later, and that reading would count as older than the effect.
  return { outcome, at: errand.shownAt ?? ports.clock.now() };
}

/** Its deadline passed while nobody watched? What a predecessor began gets its whole time again. */
function watchedAgain(intent: Intent, rollout: Rollout, { clock, timing }: Executors): Intent {
  const deadlineMs = stepTable[intent.step].deadlineMs(timingOfHost(timing, rollout, intent.host));
  return { ...intent, deadlineAt: Math.max(intent.deadlineAt, clock.now() + deadlineMs) };
}

interface Errand {
  readonly intent: ExecutorIntent;
  readonly rollout: Rollout;
  readonly host: Host;
  readonly ports: Executors;
  /** Committed by this process just now. */
  readonly fresh: boolean;
  readonly sentAt: number;
  /** When the executor was last asked what it knows of the token. */
  askedAt: number;
  /** When the balancer showed its servers as it ended its work; null for everything else. */
  shownAt: number | null;
}

async function act(errand: Errand): Promise<Outcome> {
  const { intent, ports } = errand;
  // A drain that only protects what we did before is no new disruption. Asked again when the host is connected, which may take seconds.
  const isWanted = (): boolean => !isDisruptive(intent.step) || intent.purpose !== 'step' || !ports.isHalted();
  if (!isWanted()) return { kind: 'unreachable', detail: 'halted before it was sent' };
  if (provesWayIn(errand)) ports.shell.drop(errand.host);
  const inline =
    intent.action.kind === 'preflight' ||
    intent.action.kind === 'verify' ||
    intent.action.kind === 'moveLeader' ||
    intent.action.kind === 'drain' ||
    intent.action.kind === 'undrain';
  const { answerWithinMs } = ports.timing;
  const leftMs = patienceEndsAt(intent, ports) - ports.clock.now();
  const deadlineMs = inline ? Math.max(answerWithinMs, leftMs) : answerWithinMs;
  try {
    // An executor that was asked in vain lets nothing happen that was issued before the question.
    const later = (frame: RequestFrame): number => Math.max(frame.issuedAt, errand.askedAt + 1);
    const body = (frame: RequestFrame): RequestBody =>
      requestFor(intent, errand.rollout, { ...frame, issuedAt: later(frame) }, ports.timing);
    const reply = await askExecutor(ports, errand.rollout, errand.host, deadlineMs, body, isWanted);
    if (reply.kind === 'finished') showFacts(errand, reply.outcome);
    return await settle(errand, reply);
  } catch (error) {
    if (error instanceof HostUnreachableError) return { kind: 'unreachable', detail: error.message };
    if (error instanceof ReplyLostError) return inspect(errand, 'again');
    throw error;
  }
}

/** What may have cut the host off is proven by coming in once more: an open connection outlives a broken sshd. */
function provesWayIn({ intent, rollout }: Errand): boolean {
  if (intent.action.kind !== 'verify') return false;
  const goesBack = rollout.plan.hosts.find(({ host }) => host === intent.host)?.filesBack !== undefined;
  return goesBack || (rollout.plan.change.files ?? []).some(isOnWayIn);
}

/** An executor that gives up at the deadline says so a moment later; without that word a failure would count as unknown. */
function patienceEndsAt(intent: Intent, { timing }: Executors): number {
  return intent.deadlineAt + timing.answerWithinMs;
}

/** Asks the executor what it knows of the token until it knows the end, or the deadline has passed. */
async function inspect(errand: Errand, why: 'look' | 'again' | 'wait'): Promise<Outcome> {
  const { intent, ports } = errand;
  let lastTrouble = why === 'wait' ? 'still at work at the deadline' : 'not reached before the deadline';
  while (ports.clock.now() < patienceEndsAt(intent, ports)) {
    const asked = await ask(errand);
    if (typeof asked !== 'string') {
      // The executor never heard of it, so nothing was done; the same token makes a second delivery harmless.
      if (asked.kind === 'absent')
        return mayStillSend(errand) ? act(errand) : { kind: 'unreachable', detail: 'it never arrived there' };
      if (asked.kind !== 'running' && !isRefusedStatus(asked)) return settle(errand, asked);
      lastTrouble = asked.kind === 'refused' ? `${asked.code}: ${asked.message}` : 'still at work at the deadline';
      if (asked.kind === 'running') continue;
    } else {
      lastTrouble = asked;
    }
    await ports.clock.sleep(isReboot(intent) ? rebootPauseMs : inspectPauseMs);
  }
  return { kind: 'unknown', detail: lastTrouble };
}

/** What disrupts was allowed by facts of the moment of its commit: later, or by a successor, it has to be decided anew. */
function mayStillSend({ intent, ports, fresh, sentAt }: Errand): boolean {
  if (!isDisruptive(intent.step) || intent.purpose === 'protect') return true;
  return fresh && ports.clock.now() - sentAt <= resendWithinMs;
}

/** A refused `status` (a clock not set yet after a boot, a full disk) says nothing about the step, which may well be at work. */
function isRefusedStatus(reply: Reply): boolean {
  return reply.kind === 'refused' && reply.code !== 'stale-epoch';
}

/** One `status`; a text says why there was no answer. */
async function ask(errand: Errand): Promise<Reply | string> {
  const { intent, ports, host } = errand;
  const waitMs = isReboot(intent) ? 0 : statusWaitMs;
  const withinMs = isReboot(intent) ? rebootTryMs : ports.timing.answerWithinMs + waitMs;
  const token = `${intent.token}.status`;
  try {
    const reply = await askExecutor(ports, errand.rollout, host, withinMs, (frame) => {
      errand.askedAt = frame.issuedAt;
      return { ...{ v: 1, host: host.id, token, ...frame }, ...{ verb: 'status', of: intent.token, waitMs } };
    });
    if (isReboot(intent) && reply.kind === 'running') await ports.clock.sleep(rebootPauseMs);
    return reply;
  } catch (error) {
    if (error instanceof HostUnreachableError || error instanceof ReplyLostError) return error.message;
    throw error;
  }
}

function isReboot(intent: Intent): boolean {
  return intent.action.kind === 'reboot';
}

async function settle(errand: Errand, reply: Reply): Promise<Outcome> {
  switch (reply.kind) {
    case 'accepted':
    case 'running':
      return inspect(errand, 'wait');
    case 'finished':
      return finished(errand, reply.outcome);
    case 'interrupted':
      return {
        kind: 'failed',
        failure: { code: 'interrupted', message: 'the step began and ended without a record' },
        evidence: null,
      };
    case 'refused':
      if (reply.code === 'stale-epoch') {
        throw new StaleEpochError(
          errand.ports.epoch,
          `${errand.host.id} has seen epoch ${reply.epochSeen ?? 'unknown'}`,
        );
      }
      // A balancer of many hosts that are drained at once: worth another try, not a failure of this host.
      if (reply.code === 'too-many-requests') return { kind: 'unreachable', detail: reply.message };
      if (reply.code === 'overtaken') return { kind: 'unreachable', detail: `${reply.code}: ${reply.message}` };
      return { kind: 'failed', failure: { code: reply.code, message: reply.message }, evidence: null };
    case 'absent':
    case 'members':
    case 'shown':
    case 'compared':
      return { kind: 'unknown', detail: `unexpected answer ${reply.kind}` };
  }
}

/** What a balancer or a group shows as it ends its work is a reading of now; what it recorded some time ago, and is only asked for again, is not. */
function showFacts(errand: Errand, { evidence }: ExecutorOutcome): void {
  const { intent, ports } = errand;
  const { action } = intent;
  const at = ports.clock.now();
  if (action.kind === 'moveLeader' && evidence.members.length > 0) {
    errand.shownAt = at;
    ports.onQuorum(action.service, intent.host, evidence.members, at);
  }
  if (action.kind !== 'drain' && action.kind !== 'undrain') return;
  errand.shownAt = at;
  ports.onPool(action.balancer, action.backend, evidence.servers, at);
}

/** A failure that came between the token and the work: a later controller had spoken, or somebody had asked for the token in vain. */
const notBegunCodes = ['stale-epoch', 'overtaken'];

function finished(errand: Errand, outcome: ExecutorOutcome): Outcome {
  if (outcome.kind === 'failed' && notBegunCodes.includes(outcome.code))
    return { kind: 'unreachable', detail: `${outcome.code}: ${outcome.message}` };
  const evidence = isReboot(errand.intent)
    ? withRebootTime(errand, outcome.evidence)
    : toStepEvidence(outcome.evidence);
  if (outcome.kind === 'succeeded') return { kind: 'succeeded', evidence };
  return { kind: 'failed', failure: { code: outcome.code, message: outcome.message }, evidence };
}

/** The host cannot time its own reboot: it is the time from the order until it answers again. */
function withRebootTime(errand: Errand, evidence: Evidence): StepEvidence {
  return {
    ...toStepEvidence(evidence),
    spentMs: { ...evidence.spentMs, reboot: errand.ports.clock.now() - errand.sentAt },
  };
}

function toStepEvidence(evidence: Evidence): StepEvidence {
  const { bootId, bootIdBefore, versions, rebootNeeded, restarted, spentMs, remarks } = evidence;
  return { bootId, bootIdBefore, versions, rebootNeeded, restarted, spentMs, remarks };
}
