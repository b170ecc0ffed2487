import { setTimeout as sleep } from 'node:timers/promises';
import { durationText } from '../../lib/duration-text.ts';
import type { ExactPackage, HealthCheck, OrderBody, RequestBody } from '../../proto/zdms/v1/executor.ts';
import { isKernelPackage } from '../platform/leftovers/reboot-packages.ts';
import type { Platform } from '../platform/platform.ts';
import type { StepContext } from '../platform/step-context.ts';
import { StepFailure } from '../platform/step-failure.ts';
import { stillOld } from './finish-update.ts';
import { filesOf, firmwareOf } from './order-contents.ts';
import { healthCheckName, runHealthCheck } from './run-health-check.ts';

export type VerifyRequest = Extract<RequestBody, { verb: 'verify' }>;

/** Null when all pass, else the first failure in words. All at once: a slow check must not delay the others. */
async function runAll(checks: readonly HealthCheck[], address: string): Promise<string | null> {
  const results = await Promise.all(checks.map((check) => runHealthCheck(check, address)));
  const index = results.findIndex((result) => result !== null);
  const failed = checks[index];
  return failed === undefined ? null : `${healthCheckName(failed)}: ${results[index] ?? ''}`;
}

async function proveUnits(platform: Platform, failedBefore: readonly string[]): Promise<void> {
  const failed = await platform.units.failed();
  if (failed === null) throw new StepFailure('internal-error', 'systemd did not say which units are failed');
  const fresh = failed.filter((unit) => !failedBefore.includes(unit));
  if (fresh.length > 0)
    throw new StepFailure('unit-failed', `failed since preflight: ${fresh.join(', ')}: see \`systemctl status\` there`);
}

/**
 * Passes in a row until `times`, `intervalMs` apart, no wait after the last. `beforeLast` is called before the wait for the last round,
 * so that what it starts costs no time of its own.
 */
async function passInARow(
  request: VerifyRequest,
  address: string,
  context: StepContext,
  beforeLast: () => void,
): Promise<void> {
  const deadlineMs = performance.now() + request.withinMs;
  if (request.times === 1) beforeLast();
  for (let passed = 0; ;) {
    const failure = await runAll(request.checks, address);
    passed = failure === null ? passed + 1 : 0;
    if (failure !== null) context.note(failure);
    if (passed === request.times) return;
    if (performance.now() + request.intervalMs > deadlineMs) {
      const detail = failure ?? `${passed} of ${request.times} passes in a row`;
      throw new StepFailure('check-failed', `${detail}; gave up after ${durationText(request.withinMs)}`);
    }
    if (passed === request.times - 1) beforeLast();
    await sleep(request.intervalMs);
  }
}

/** Where the order brought a kernel and the host was rebooted for it, an older one that runs is no success. What nobody can tell is none either way. */
async function proveKernel(
  platform: Platform,
  request: VerifyRequest,
  targets: readonly ExactPackage[],
): Promise<void> {
  if (request.afterReboot) await platform.kernelTrial.judge();
  if (!request.afterReboot || !targets.some(({ name }) => isKernelPackage(name))) return;
  const { kernel, running, expected } = await platform.boot.kernel();
  if (kernel === 'pending') throw new StepFailure('old-kernel', `kernel ${running} runs, ${expected} is installed`);
}

/** What was restarted to run new files runs them: nothing has put the old ones back, and nothing was overlooked. */
async function proveRestarted(platform: Platform, restarted: readonly string[]): Promise<void> {
  const old = await stillOld(platform, restarted);
  if (old.length > 0) throw new StepFailure('old-files-mapped', old.join('; ').slice(0, 2000));
}

async function proveFiles({ files }: Platform, { expect }: VerifyRequest, order: OrderBody): Promise<void> {
  if (order.filesBack !== undefined && expect === 'packages') await files.proveRestored(order.filesBack);
  if (filesOf(order).length === 0) return;
  await (expect === 'packages' ? files.prove(order.plan, filesOf(order)) : files.proveRestored(order.plan));
}

/** A way back leaves firmware as it is. */
async function proveFirmware(
  { firmware }: Platform,
  { expect, afterReboot }: VerifyRequest,
  order: OrderBody,
): Promise<void> {
  if (expect === 'packages' && firmwareOf(order).length > 0) await firmware.prove(firmwareOf(order), afterReboot);
}

/** What earlier steps of the rollout have seen: units that were failed before it, and those that it has restarted. */
export type BeforeVerify = { readonly failed: readonly string[]; readonly restarted: readonly string[] };

/** Proves that the host is what the order says and serves. Throws StepFailure. */
export async function verifyHost(
  platform: Platform,
  request: VerifyRequest,
  order: OrderBody,
  before: BeforeVerify,
  context: StepContext,
): Promise<void> {
  const targets = order[request.expect];
  let proof: Promise<unknown> | undefined;
  function startProof(): void {
    proof = Promise.all([
      platform.packages.proveInstalled(targets),
      proveUnits(platform, before.failed),
      proveKernel(platform, request, targets),
      proveRestarted(platform, before.restarted),
      proveFiles(platform, request, order),
      proveFirmware(platform, request, order),
    ]);
    // When the checks fail too, theirs is the failure that is told.
    proof.catch(() => undefined);
  }
  if (request.checks.length === 0) startProof();
  else await context.measure('checks', () => passInARow(request, platform.serviceAddress, context, startProof));
  await proof;
}
