import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import { refuseTooSmall } from '../free-space.ts';
import { findLockHolder, findPidFileHolder, waitForLock } from '../lock-holder.ts';
import { prepareRpmArchives } from './rpm-archive.ts';
import { areRpmsKept } from './rpm-fetch.ts';
import { downloadBytesOf, planRpms } from './rpm-plan.ts';
import type { Rpm } from './rpm-setting.ts';
import { auditRpm, pendingRpms } from './rpm-truth.ts';

async function findHolder({ manager, paths }: Rpm): Promise<string | null> {
  return (await findPidFileHolder(manager.pidFiles)) ?? (await findLockHolder([paths.lock]));
}

async function refuseHeld(rpm: Rpm, targets: readonly ExactPackage[]): Promise<void> {
  const pending = await pendingRpms(rpm, targets);
  if (pending.length === 0) return;
  const held = await rpm.manager.held(pending.map((target) => target.name));
  if (held.length > 0) throw new StepFailure('package-held', `locked or excluded: ${held.join(', ')}`);
}

async function refuseUnclean(rpm: Rpm): Promise<void> {
  const problems = await auditRpm(rpm);
  if (problems.length > 0) throw new StepFailure('packages-unclean', problems.join('\n').slice(0, 2000));
}

/** Can this host do it from what it has kept, as one that goes back? Then neither metadata nor a repository are needed. */
async function canDoWithout(rpm: Rpm, targets: readonly ExactPackage[], context: StepContext): Promise<boolean> {
  if (!(await areRpmsKept(rpm, targets))) return false;
  const pending = await pendingRpms(rpm, targets);
  if (pending.length === 0) return true;
  return planRpms(rpm, pending, 'archives', context).then(
    () => true,
    () => false,
  );
}

/** See `Packages.preflight`. What needs no metadata comes first, so that a host that cannot be patched says so at once. */
export async function preflightRpms(rpm: Rpm, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  await context.measure('packages', async () => {
    await prepareRpmArchives(rpm.paths.archives);
    await waitForLock(() => findHolder(rpm), rpm.limits.lockWaitMs);
    await Promise.all([refuseUnclean(rpm), refuseTooSmall(rpm.paths, rpm.limits, 0)]);
    await refuseHeld(rpm, targets);
    if (await canDoWithout(rpm, targets, context)) return;
    await rpm.manager.refresh(context);
    await refuseHeld(rpm, targets);
    const pending = await pendingRpms(rpm, targets);
    if (pending.length === 0) return;
    const plan = await planRpms(rpm, pending, 'repositories', context);
    await refuseTooSmall(rpm.paths, rpm.limits, downloadBytesOf(plan));
  });
}
