import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorOutcome, OrderBody } from '../../proto/zdms/v1/executor.ts';
import type { Boot } from '../platform/boot/boot.ts';
import type { Hindrance } from '../platform/boot/boot-hindrances.ts';
import { recordBoot } from './boot-log.ts';
import type { FailureCode } from './codes.ts';
import { sparesUsers } from './order-contents.ts';
import type { StepTools } from './step-tools.ts';
import { failedOutcome, noEvidence } from './run-step.ts';
import type { StepRecord } from './step-record.ts';

/** A host that goes down often cuts systemctl's connection first, so a failed call is judged only when the host is still here. */
const STILL_HERE_AFTER_MS = 20_000;

/** A package manager at work forbids a shutdown for a while, and somebody may have looked in; what lasts longer is a person's. */
const PASSING: ReadonlySet<FailureCode | undefined> = new Set(['reboot-inhibited', 'users-logged-in']);
const HINDERED_MS_MAX = 60_000;
const HINDERED_POLL_MS = 2000;

/** Hours may lie between a host's preparation and its turn. */
async function lastingHindrance(boot: Boot, order: OrderBody): Promise<Hindrance | undefined> {
  const deadlineMs = performance.now() + HINDERED_MS_MAX;
  for (;;) {
    const [first] = await boot.hindrances(sparesUsers(order));
    if (!PASSING.has(first?.code) || performance.now() > deadlineMs) return first;
    await sleep(HINDERED_POLL_MS);
  }
}

/**
 * Asks systemd for exactly one reboot. Refused unless the host is on the boot that the order saw. Returns the outcome of a reboot that
 * will not happen; null while it is under way: only the next boot can tell how it went.
 */
export async function askReboot(
  tools: StepTools,
  order: OrderBody,
  record: StepRecord,
  bootIdBefore: string,
): Promise<ExecutorOutcome | null> {
  const { boot } = tools.platform;
  const bootId = await boot.bootId();
  const evidence = { ...noEvidence, bootId, bootIdBefore };
  if (bootId !== bootIdBefore) {
    return failedOutcome('boot-id-differs', `ordered for boot ${bootIdBefore}, this is ${bootId}`, evidence);
  }
  const hindrance = await lastingHindrance(boot, order);
  if (hindrance !== undefined) return failedOutcome(hindrance.code, hindrance.message, evidence);
  await recordBoot(tools.bootLogPath, bootId);
  const result = await boot.reboot();
  if (result.exitCode === 0) {
    await tools.journal.note({ ...record, rebootAskedAt: Date.now() });
    return null;
  }
  await sleep(STILL_HERE_AFTER_MS);
  return failedOutcome('reboot-failed', `systemctl reboot: ${result.stderr.trim() || result.stdout.trim()}`, evidence);
}
