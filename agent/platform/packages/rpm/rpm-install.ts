import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import { findRpmFile } from './rpm-archive.ts';
import type { RpmEntry } from './rpm-database.ts';
import { findDuplicates, verifyDatabase } from './rpm-database.ts';
import { classifyRpmFailure, failedScript, rpmFailureExcerpt } from './rpm-failure.ts';
import { planRpms } from './rpm-plan.ts';
import type { Rpm } from './rpm-setting.ts';
import { auditRpm, pendingRpms, proveExactRpms } from './rpm-truth.ts';

const ERASE_TIMEOUT_MS = 120_000;

/** The headers that a cut-off transaction left beside those of the order. Only orders put files into the archives. */
async function leftOver(rpm: Rpm, entry: RpmEntry, targets: readonly ExactPackage[]): Promise<readonly string[]> {
  const target = targets.find(({ name, version }) => name === entry.name && entry.versions.includes(version));
  const others = entry.versions.filter((version) => version !== target?.version);
  const known = await Promise.all(
    others.map((version) => findRpmFile(rpm.paths.archives, { name: entry.name, version })),
  );
  if (target !== undefined && known.every((path) => path !== null))
    return others.map((version) => `${entry.name}-${version}.${entry.architecture}`);
  throw new StepFailure(
    'packages-unclean',
    `${entry.name} is installed as ${entry.versions.join(' and ')}, and not both are versions of an order`,
  );
}

/**
 * A step that is done again after an interruption finds rpm half-way: preflight had found it clean. Only headers are removed, since the
 * files under them may be those of the other version already; the transaction that comes next writes all of them again.
 */
async function removeLeftOvers(rpm: Rpm, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  const damage = await verifyDatabase(rpm.commands);
  if (damage !== null) throw new StepFailure('packages-unclean', damage);
  for (const entry of await findDuplicates(rpm.commands)) {
    const headers = await leftOver(rpm, entry, targets);
    context.remark(`a transaction had been cut off: ${headers.join(', ')} was left in the rpm database and taken out`);
    const argv = ['rpm', '--erase', '--justdb', '--nodeps', '--noscripts', '--notriggers', ...headers];
    const result = await rpm.commands.run(argv, { timeoutMs: ERASE_TIMEOUT_MS });
    if (result.exitCode !== 0) throw new StepFailure('packages-unclean', rpmFailureExcerpt(result.stderr));
  }
}

async function runInstall(
  rpm: Rpm,
  packages: readonly ExactPackage[],
  again: boolean,
  context: StepContext,
): Promise<void> {
  const result = await rpm.manager.install(packages, again, context);
  if (result.timedOut)
    throw new StepFailure('package-manager-timeout', `${rpm.manager.name} is still at work at the deadline`);
  const script = failedScript(result.stdout);
  if (script !== null) throw new StepFailure('package-script-failed', script);
  const said = result.stdout + result.stderr;
  remarkConfiguration(said, context);
  if (result.exitCode === 0) return;
  throw new StepFailure(classifyRpmFailure(said, 'package-manager-failed'), rpmFailureExcerpt(said));
}

/** rpm says so when a configuration file was changed on the host and the package brings another one. */
function remarkConfiguration(said: string, context: StepContext): void {
  for (const [, path = '', what] of said.matchAll(/(\/\S+) (created|saved) as \/\S+\.(?:rpmnew|rpmsave)$/gm)) {
    const kept = "the local file was kept; the package's new one is beside it (.rpmnew)";
    const replaced = "the package's new file is in its place; the local one is beside it (.rpmsave)";
    context.remark(`${path}: ${what === 'created' ? kept : replaced}`);
  }
}

async function refuseNotFetched(rpm: Rpm, targets: readonly ExactPackage[]): Promise<void> {
  for (const target of targets) {
    if ((await findRpmFile(rpm.paths.archives, target)) === null)
      throw new StepFailure('not-fetched', `${target.name} ${target.version} is not on this host`);
  }
}

/** The same exact transaction again, also for what is already there: its scripts and triggers may not have run. */
async function finishInterrupted(rpm: Rpm, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  context.remark(`${rpm.manager.name} had been interrupted and was finished first`);
  await removeLeftOvers(rpm, targets, context);
  const pending = new Set(await pendingRpms(rpm, targets));
  const files = await Promise.all(targets.map((target) => findRpmFile(rpm.paths.archives, target)));
  // What was there before the order has no file, and the transaction did not touch it.
  const done = targets.filter((target, index) => !pending.has(target) && files[index] !== null);
  if (done.length > 0) await runInstall(rpm, done, true, context);
}

/** See `Packages.install`. */
export async function installRpms(rpm: Rpm, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  await context.measure('packages', async () => {
    const [problems, planned] = await Promise.all([auditRpm(rpm), pendingRpms(rpm, targets)]);
    if (problems.length > 0) await finishInterrupted(rpm, targets, context);
    else if (planned.length === 0) return;
    const pending = await pendingRpms(rpm, targets);
    await refuseNotFetched(rpm, pending);
    if (pending.length > 0) {
      const { install } = await planRpms(rpm, pending, 'archives', context);
      await runInstall(
        rpm,
        install.map(({ name, version }) => ({ name, version, sha256: null })),
        false,
        context,
      );
    }
    await proveExactRpms(rpm, targets);
  });
}
