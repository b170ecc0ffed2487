import { readFile } from 'node:fs/promises';
import { durationText } from '../../../../lib/duration-text.ts';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { CommandResult } from '../../run-command.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import type { Apt } from './apt-setting.ts';
import { aptEnvironment, aptOptions, keepConffiles } from './apt-arguments.ts';
import { aptFailure } from './apt-failure.ts';
import { prepareArchives } from './apt-fetch.ts';
import { parseAutomaticPackages } from './apt-records.ts';
import { findRepair, reinstallArguments, type Repair } from './apt-repair.ts';
import { allowDowngrades, fetchedArguments, pendingTargets } from './apt-targets.ts';
import { proveExactVersions, readDpkg } from './dpkg-truth.ts';

/** The controller gives the step 30 minutes and then inspects; apt itself is never killed. */
const INSTALL_TIMEOUT_MS = 60 * 60_000;
const MARK_TIMEOUT_MS = 30_000;

async function runApt(apt: Apt, argv: readonly string[], context: StepContext): Promise<CommandResult> {
  const options = { environment: aptEnvironment, timeoutMs: INSTALL_TIMEOUT_MS, logPath: context.logPath };
  const result = await apt.commands.runLogged(argv, options);
  if (result.timedOut)
    throw new StepFailure(
      'package-manager-timeout',
      `${argv[0] ?? ''} is still at work after ${durationText(INSTALL_TIMEOUT_MS)}`,
    );
  return result;
}

/** A step that is done again after an interruption finds dpkg half-way; finishing that is safe, and apt refuses without it. */
async function finishInterrupted(apt: Apt, context: StepContext): Promise<void> {
  context.remark('dpkg had been interrupted and was finished first');
  await runApt(apt, ['dpkg', ...keepConffiles, '--configure', '-a'], context);
}

/** dpkg says so when it keeps a changed configuration file. */
function remarkKeptFiles(output: string, context: StepContext): void {
  for (const [, path] of output.matchAll(/^Configuration file '([^']+)'$/gm)) {
    context.remark(`${path ?? ''}: the local file was kept; the package's new one is beside it (.dpkg-dist)`);
  }
}

async function readAutomatic(apt: Apt): Promise<ReadonlySet<string>> {
  return parseAutomaticPackages(await readFile(apt.paths.extendedStates, 'utf8').catch(() => ''));
}

/** Installing by exact version makes apt think that a person wanted the package; dependencies must stay dependencies. */
async function restoreAutomatic(
  apt: Apt,
  before: ReadonlySet<string>,
  targets: readonly ExactPackage[],
): Promise<void> {
  const names = targets.map((target) => target.name).filter((name) => before.has(name));
  const after = await readAutomatic(apt);
  const lost = names.filter((name) => !after.has(name));
  if (lost.length > 0) await apt.commands.run(['apt-mark', 'auto', ...lost], { timeoutMs: MARK_TIMEOUT_MS });
}

async function installPending(
  apt: Apt,
  targets: readonly ExactPackage[],
  repair: Repair | null,
  context: StepContext,
): Promise<void> {
  const entries = await readDpkg(
    apt.commands,
    targets.map((target) => target.name),
  );
  const before = await readAutomatic(apt);
  const options = [...aptOptions(apt.paths.archives), '--no-download', ...allowDowngrades(targets, entries)];
  const again = reinstallArguments(repair, targets);
  if (again.length > 0) options.push('--reinstall');
  const wanted = [...(await fetchedArguments(apt.paths.archives, targets)), ...again];
  const result = await runApt(apt, ['apt-get', ...options, 'install', ...wanted], context);
  remarkKeptFiles(result.stdout, context);
  await restoreAutomatic(apt, before, targets);
  if (result.exitCode === 0) return;
  throw aptFailure(result.stdout + result.stderr, 'package-manager-failed');
}

/** See `Packages.install`. */
export async function installApt(apt: Apt, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  await prepareArchives(apt.paths.archives);
  await context.measure('packages', async () => {
    const [entries, repair] = await Promise.all([
      readDpkg(
        apt.commands,
        targets.map((target) => target.name),
      ),
      findRepair(apt),
    ]);
    if (repair !== null) await finishInterrupted(apt, context);
    else if (pendingTargets(targets, entries).length === 0) return;
    await installPending(apt, targets, repair, context);
    await proveExactVersions(apt.commands, apt.paths.dpkg, targets);
  });
}
