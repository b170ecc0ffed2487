import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import { digestOf } from '../file-digest.ts';
import { pruneFiles } from '../prune-files.ts';
import {
  adoptDownloads,
  findRpmFile,
  incomingDirectory,
  isFileOf,
  isWholeRpm,
  listRpmFiles,
  prepareRpmArchives,
} from './rpm-archive.ts';
import { readAllRpm } from './rpm-database.ts';
import { planRpms } from './rpm-plan.ts';
import type { Rpm } from './rpm-setting.ts';
import { pendingRpms } from './rpm-truth.ts';

type FileCheck = 'right' | 'wrong' | 'missing';

/** Of a version that was installed when the plan was made nobody knows the digest; then the file has to be whole. A wrong file goes. */
async function checkFile({ commands, paths }: Rpm, wanted: ExactPackage): Promise<FileCheck> {
  const path = await findRpmFile(paths.archives, wanted);
  if (path === null) return 'missing';
  const isRight = wanted.sha256 === null ? await isWholeRpm(commands, path) : (await digestOf(path)) === wanted.sha256;
  if (isRight) return 'right';
  await rm(path, { force: true });
  return 'wrong';
}

async function checkFiles(rpm: Rpm, packages: readonly ExactPackage[]): Promise<readonly FileCheck[]> {
  return Promise.all(packages.map((wanted) => checkFile(rpm, wanted)));
}

/** Has this host kept all of it that it does not run yet, each file whole and as planned? */
export async function areRpmsKept(rpm: Rpm, targets: readonly ExactPackage[]): Promise<boolean> {
  if (targets.length === 0) return false;
  const checked = await checkFiles(rpm, await pendingRpms(rpm, targets));
  return checked.every((one) => one === 'right');
}

async function download(rpm: Rpm, packages: readonly ExactPackage[], context: StepContext): Promise<void> {
  try {
    await rpm.manager.download(packages, incomingDirectory(rpm.paths.archives), context);
  } finally {
    await adoptDownloads(rpm.commands, rpm.paths.archives);
  }
}

/** Everything that the transaction needs, also what the order does not name: the installation has no repository to turn to. */
async function downloadTargets(rpm: Rpm, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  const pending = await pendingRpms(rpm, targets);
  if (pending.length === 0) return;
  // First of all, so that a file that is not what was planned is not taken for a download that was done.
  await checkFiles(rpm, pending);
  const plan = await planRpms(rpm, pending, 'repositories', context);
  const wanted = plan.install.filter((one) => !one.kept).map(({ name, version }) => ({ name, version, sha256: null }));
  if (wanted.length > 0) await download(rpm, wanted, context);
  for (const one of plan.install) {
    if ((await findRpmFile(rpm.paths.archives, one)) === null)
      throw new StepFailure('download-failed', `${one.name} ${one.version} is not in ${basename(rpm.paths.archives)}`);
  }
  const checked = await checkFiles(rpm, pending);
  const wrong = pending.find((_, index) => checked[index] !== 'right');
  if (wrong !== undefined)
    throw new StepFailure(
      'digest-mismatch',
      `${wrong.name} ${wrong.version} is not the file that was planned; it was deleted`,
    );
}

async function notKept(rpm: Rpm, wayBack: readonly ExactPackage[]): Promise<readonly ExactPackage[]> {
  const checked = await checkFiles(rpm, wayBack);
  return wayBack.filter((_, index) => checked[index] !== 'right');
}

/** Returns what could not be had. */
async function keepWayBack(
  rpm: Rpm,
  wayBack: readonly ExactPackage[],
  context: StepContext,
): Promise<readonly ExactPackage[]> {
  const missing = await notKept(rpm, wayBack);
  if (missing.length === 0) return [];
  await download(rpm, missing, context).catch((error: unknown) => context.note(`way back: ${String(error)}`));
  return notKept(rpm, missing);
}

/** What is installed is needed too: it will be the way back from whatever comes next. */
async function prune({ commands, paths, limits }: Rpm, ordered: readonly ExactPackage[]): Promise<void> {
  const entries = [...(await readAllRpm(commands)).values()];
  const installed = entries.flatMap(({ name, versions }) => versions.map((version) => ({ name, version })));
  const needed = [...ordered, ...installed];
  const files = await listRpmFiles(paths.archives);
  const others = files.filter((file) => !needed.some((one) => isFileOf(file, one)));
  await pruneFiles(paths.archives, others, limits.keepDownloadsMs);
}

/** See `Packages.fetch`. */
export async function fetchRpms(
  rpm: Rpm,
  targets: readonly ExactPackage[],
  wayBack: readonly ExactPackage[],
  context: StepContext,
): Promise<readonly ExactPackage[]> {
  await prepareRpmArchives(rpm.paths.archives);
  return context.measure('packages', async () => {
    await prune(rpm, [...targets, ...wayBack]);
    await downloadTargets(rpm, targets, context);
    return keepWayBack(rpm, wayBack, context);
  });
}
