import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import { refuseTooSmall } from '../free-space.ts';
import { findLockHolder, waitForLock } from '../lock-holder.ts';
import type { Apt } from './apt-setting.ts';
import { aptEnvironment, aptOptions } from './apt-arguments.ts';
import { classifyAptFailure, failureExcerpt } from './apt-failure.ts';
import { areKept, prepareArchives } from './apt-fetch.ts';
import { refreshLists } from './apt-lists.ts';
import { parseAptSimulation, sumPrintedUriBytes } from './apt-simulation.ts';
import { allowDowngrades, fetchedArguments } from './apt-targets.ts';
import { readDpkg, auditDpkg } from './dpkg-truth.ts';

const DRY_RUN_TIMEOUT_MS = 60_000;

async function refuseHeld(apt: Apt, targets: readonly ExactPackage[]): Promise<void> {
  const entries = await readDpkg(
    apt.commands,
    targets.map((target) => target.name),
  );
  const held = targets.filter((target) => {
    const entry = entries.get(target.name);
    return entry?.held === true && entry.version !== target.version;
  });
  if (held.length > 0)
    throw new StepFailure('package-held', `on hold: ${held.map((target) => target.name).join(', ')}`);
}

async function refuseUnclean(apt: Apt): Promise<void> {
  const problems = await auditDpkg(apt.commands, apt.paths.dpkg);
  if (problems.length > 0) throw new StepFailure('packages-unclean', problems.join('\n').slice(0, 2000));
}

/** Proves by a dry run that apt would do what the order says; returns the bytes that would be downloaded. */
async function dryRun(apt: Apt, targets: readonly ExactPackage[], context: StepContext): Promise<number> {
  const entries = await readDpkg(
    apt.commands,
    targets.map((target) => target.name),
  );
  const exact = [
    ...aptOptions(apt.paths.archives),
    ...allowDowngrades(targets, entries),
    'install',
    ...(await fetchedArguments(apt.paths.archives, targets)),
  ];
  const options = { environment: aptEnvironment, timeoutMs: DRY_RUN_TIMEOUT_MS };
  const [simulated, printed] = await Promise.all([
    // Allowed to remove, in words only: then it says what.
    apt.commands.run(['apt-get', '-s', ...exact.filter((option) => option !== '--no-remove')], options),
    apt.commands.run(['apt-get', '--print-uris', ...exact], options),
  ]);
  const said = simulated.stdout + simulated.stderr;
  context.note(said);
  const plan = parseAptSimulation(simulated.stdout);
  if (plan.remove.length > 0) throw new StepFailure('would-remove', `apt would remove ${plan.remove.join(', ')}`);
  if (simulated.exitCode !== 0)
    throw new StepFailure(classifyAptFailure(said, 'package-manager-failed'), failureExcerpt(said));
  const named = new Set(targets.map((target) => target.name));
  const others = [...plan.install].filter(([name]) => !named.has(name)).map(([name, version]) => `${name} ${version}`);
  if (others.length > 0) context.remark(`apt also installs, beyond the order: ${others.join(', ')}`);
  return sumPrintedUriBytes(printed.stdout);
}

/** Can this host do it from what it has kept, as one that goes back? Then neither lists nor a mirror are needed. */
async function canDoWithout(apt: Apt, targets: readonly ExactPackage[], context: StepContext): Promise<boolean> {
  if (!(await areKept(apt, targets))) return false;
  const downloadBytes = await dryRun(apt, targets, context).catch(() => null);
  return downloadBytes === 0;
}

/** See `Packages.preflight`. What needs no lists comes first, so that a host that cannot be patched says so at once. */
export async function preflightApt(apt: Apt, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  await context.measure('packages', async () => {
    await prepareArchives(apt.paths.archives);
    await waitForLock(
      () => findLockHolder([`${apt.paths.dpkg}/lock-frontend`, `${apt.paths.dpkg}/lock`]),
      apt.limits.lockWaitMs,
    );
    await Promise.all([refuseUnclean(apt), refuseHeld(apt, targets), refuseTooSmall(apt.paths, apt.limits, 0)]);
    if (await canDoWithout(apt, targets, context)) return;
    await refreshLists(apt, context);
    if (targets.length === 0) return;
    await refuseTooSmall(apt.paths, apt.limits, await dryRun(apt, targets, context));
  });
}
