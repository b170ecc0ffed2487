import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderBody, Reply, RequestBody } from '../../proto/zdms/v1/executor.ts';
import { orderBody, requestBody } from '../../proto/zdms/v1/executor.ts';
import type { StepTools } from './step-tools.ts';
import { installedOf, rebootOutcome } from './run-step.ts';
import type { StepRecord } from './step-record.ts';
import { isWorkerAlive } from './worker.ts';

/** How often a held-back `status` looks again; adds to the out-of-service time of every step, so it is short. A look costs one stat. */
const POLL_EVERY_MS = 20;
/** A step that runs for minutes is looked at less often, so that the looks add at most this share to its time and cost a slow host little. */
const POLL_SHARE = 0.01;
const POLL_EVERY_MS_MAX = 250;
/** Whether the worker still lives is asked less often than whether it has finished. */
const LIVENESS_EVERY_MS = 500;
/** A reboot whose asker died before it could write that systemd took it: the host may be on its way down for this long. */
const GOING_DOWN_MS_MAX = 60_000;

/** What the journal has for a token, before it is made into a reply. */
export type StepState =
  | { readonly kind: 'finished'; readonly record: StepRecord }
  | { readonly kind: 'running'; readonly record: StepRecord }
  | { readonly kind: 'interrupted'; readonly record: StepRecord };

async function isAtWork(tools: StepTools, record: StepRecord): Promise<boolean> {
  if (record.worker !== null && (await isWorkerAlive(record.worker))) return true;
  return record.unit === null ? false : tools.platform.units.isAtWork(record.unit);
}

async function readOrderBody(tools: StepTools, record: StepRecord): Promise<OrderBody | null> {
  const order = await tools.journal.readOrder(record.orderHash).catch(() => null);
  return order === null ? null : orderBody.parse(JSON.parse(order.body));
}

function bootIdBeforeOf(record: StepRecord): string {
  const request = requestBody.parse(JSON.parse(record.request.body));
  return request.verb === 'reboot' ? request.bootIdBefore : record.bootId;
}

/** A reboot ends with the boot: only the next one can record its outcome. */
async function rebootState(tools: StepTools, record: StepRecord, bootId: string): Promise<StepState> {
  const bootIdBefore = bootIdBeforeOf(record);
  if (bootId === bootIdBefore) {
    const isGoingDown = record.rebootAskedAt !== null || Date.now() - record.startedAt < GOING_DOWN_MS_MAX;
    if (isGoingDown || (await isAtWork(tools, record))) return { kind: 'running', record };
    return { kind: 'interrupted', record };
  }
  const outcome = await rebootOutcome(tools, await readOrderBody(tools, record), bootIdBefore, bootId);
  const finished = { ...record, finishedAt: Date.now(), outcome };
  await tools.journal.finish(finished);
  return { kind: 'finished', record: finished };
}

/** Where a recorded step stands. `running` means that something of it is really alive (or that the host is going down). */
export async function stepState(tools: StepTools, record: StepRecord): Promise<StepState> {
  if (record.outcome !== null) return { kind: 'finished', record };
  const bootId = await tools.platform.boot.bootId();
  // Asked to reboot on another boot than the order's: its refusal is being written by a live worker, or was lost.
  if (record.verb === 'reboot' && record.bootId === bootIdBeforeOf(record)) return rebootState(tools, record, bootId);
  if (bootId === record.bootId && (await isAtWork(tools, record))) return { kind: 'running', record };
  // It may have finished between the two looks.
  const again = await tools.journal.read(record.token);
  return again?.outcome === null ? { kind: 'interrupted', record } : { kind: 'finished', record: again ?? record };
}

/** Waits until the record changes, or its worker may have died, or the deadline (monotonic ms). */
async function waitForChange(tools: StepTools, { token, startedAt }: StepRecord, deadlineMs: number): Promise<void> {
  const pollMs = Math.min(POLL_EVERY_MS_MAX, Math.max(POLL_EVERY_MS, (Date.now() - startedAt) * POLL_SHARE));
  const before = await tools.journal.version(token);
  const lookAgainMs = Math.min(deadlineMs, performance.now() + LIVENESS_EVERY_MS);
  while (performance.now() < lookAgainMs) {
    await sleep(Math.min(pollMs, Math.max(1, lookAgainMs - performance.now())));
    if ((await tools.journal.version(token)) !== before) return;
  }
}

/** The reply for a recorded step. */
export async function toReply(tools: StepTools, order: OrderBody, id: string, state: StepState): Promise<Reply> {
  const { token, startedAt, finishedAt, outcome } = state.record;
  if (state.kind === 'finished' && outcome !== null) {
    return { id, kind: 'finished', token, startedAt, finishedAt: finishedAt ?? startedAt, outcome };
  }
  const bootId = await tools.platform.boot.bootId();
  if (state.kind === 'running') return { id, kind: 'running', token, startedAt, bootId };
  return { id, kind: 'interrupted', token, startedAt, bootId, versions: await installedOf(tools.platform, order) };
}

/** Who is told that a token is not there may go on without it: what was issued before and arrives after must not be done. */
async function findOrMiss(tools: StepTools, token: string, askedAt: number): Promise<StepRecord | null> {
  const record = await tools.journal.read(token);
  if (record !== null) return record;
  await tools.journal.noteMissed(token, askedAt);
  // A request that did not see our note has written its token by now.
  return tools.journal.read(token);
}

/** Answers `status`; holds the reply back up to `waitMs` while the step runs, and answers at once when it ends. */
export async function answerStatus(
  tools: StepTools,
  order: OrderBody,
  request: Extract<RequestBody, { verb: 'status' }>,
  id: string,
): Promise<Reply> {
  const { of } = request;
  const deadlineMs = performance.now() + request.waitMs;
  for (;;) {
    const record = of === null ? null : await findOrMiss(tools, of, request.issuedAt);
    if (record === null || of === null) {
      const [bootId, versions] = await Promise.all([tools.platform.boot.bootId(), installedOf(tools.platform, order)]);
      return { id, kind: 'absent', bootId, versions };
    }
    const change = waitForChange(tools, record, deadlineMs);
    const state = await stepState(tools, record);
    if (state.kind !== 'running' || performance.now() >= deadlineMs) {
      void change.catch(() => undefined);
      return toReply(tools, order, id, state);
    }
    await change;
  }
}
