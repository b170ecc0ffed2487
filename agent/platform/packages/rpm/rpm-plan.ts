import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import { readRpm } from './rpm-database.ts';
import type { PlannedRpm, Rpm, RpmPlan, SolveFrom } from './rpm-setting.ts';
import { compareRpmVersions } from './rpm-version.ts';

/** A solver may find a way by taking back what nobody named; an order that does not say so is not carried out that way. */
async function refuseUnnamedDowngrades(rpm: Rpm, unnamed: readonly PlannedRpm[]): Promise<void> {
  const entries = await readRpm(
    rpm.commands,
    unnamed.map((one) => one.name),
  );
  const back = unnamed.filter(({ name, version }) => {
    const installed = entries.get(name)?.versions[0];
    return installed !== undefined && compareRpmVersions(version, installed) < 0;
  });
  if (back.length === 0) return;
  const names = back.map(({ name, version }) => `${name} ${version}`).join(', ');
  throw new StepFailure('unmet-dependencies', `${rpm.manager.name} would also go back to ${names}`);
}

/**
 * What these versions need, as the manager works it out without changing anything. Throws StepFailure: it never removes a package, and
 * goes back only where the order does.
 */
export async function planRpms(
  rpm: Rpm,
  targets: readonly ExactPackage[],
  from: SolveFrom,
  context: StepContext,
): Promise<RpmPlan> {
  const plan = await rpm.manager.solve(targets, from);
  context.note(`${rpm.manager.name} would do: ${JSON.stringify(plan)}`);
  if (plan.remove.length > 0)
    throw new StepFailure('would-remove', `${rpm.manager.name} would remove ${plan.remove.join(', ')}`);
  const named = new Set(targets.map((target) => target.name));
  const unnamed = plan.install.filter(({ name }) => !named.has(name));
  await refuseUnnamedDowngrades(rpm, unnamed);
  const missing = targets.filter(
    (target) => !plan.install.some((one) => one.name === target.name && one.version === target.version),
  );
  if (missing.length > 0)
    throw new StepFailure(
      'unmet-dependencies',
      `not to be had together: ${missing.map(({ name }) => name).join(', ')}`,
    );
  if (unnamed.length > 0) {
    const names = unnamed.map(({ name, version }) => `${name} ${version}`).join(', ');
    context.remark(`${rpm.manager.name} also installs, beyond the order: ${names}`);
  }
  return plan;
}

/** Bytes that have to be downloaded for it. */
export function downloadBytesOf(plan: RpmPlan): number {
  return plan.install.reduce((sum, one) => sum + (one.kept ? 0 : one.downloadBytes), 0);
}
