import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { durationText } from '../../../../lib/duration-text.ts';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../../run-command.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import { digestOf } from '../file-digest.ts';
import { pruneFiles } from '../prune-files.ts';
import type { Apt } from './apt-setting.ts';
import { aptEnvironment, aptOptions } from './apt-arguments.ts';
import { predictConffiles } from './apt-conffiles.ts';
import { aptFailure } from './apt-failure.ts';
import { findRepair, reinstallArguments } from './apt-repair.ts';
import { allowDowngrades, exactArguments, fetchedArguments, pendingTargets } from './apt-targets.ts';
import { findArchive, isArchiveOf, listArchives, packageOfArchive } from './archive.ts';
import { readDpkg } from './dpkg-truth.ts';

/** To unpack a package without writing it. */
const READ_TIMEOUT_MS = 120_000;
/**
 * Over an interrupted dpkg apt takes no lock and so does nothing at all. Downloading into our own directory needs none, and the repair
 * itself has to wait until the host is out.
 */
const downloadBesideUnclean = ['-o', 'Debug::NoLocking=true'] as const;
const DOWNLOAD_TIMEOUT_MS = 25 * 60_000;

/** apt wants `partial` below its archive directory, and its own user must be able to enter. */
export async function prepareArchives(archives: string): Promise<void> {
  await mkdir(join(archives, 'partial'), { recursive: true });
  await chmod(archives, 0o755);
}

async function downloadTargets(apt: Apt, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  const entries = await readDpkg(
    apt.commands,
    targets.map((target) => target.name),
  );
  const repair = await findRepair(apt);
  if (repair === null && pendingTargets(targets, entries).length === 0) return;
  const options = [...aptOptions(apt.paths.archives), ...allowDowngrades(targets, entries)];
  const again = reinstallArguments(repair, targets);
  if (again.length > 0) options.push('--reinstall');
  if (repair !== null) options.push(...downloadBesideUnclean);
  const wanted = [...(await fetchedArguments(apt.paths.archives, targets)), ...again];
  const result = await apt.commands.runLogged(['apt-get', ...options, '--download-only', 'install', ...wanted], {
    environment: aptEnvironment,
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
    logPath: context.logPath,
  });
  if (result.timedOut)
    throw new StepFailure('package-manager-timeout', `downloading took over ${durationText(DOWNLOAD_TIMEOUT_MS)}`);
  if (result.exitCode === 0) return;
  throw aptFailure(result.stdout + result.stderr, 'download-failed');
}

async function download(apt: Apt, wanted: readonly ExactPackage[], context: StepContext): Promise<boolean> {
  const result = await apt.commands.runLogged(
    ['apt-get', '-q', '-o', 'Acquire::Retries=3', 'download', ...exactArguments(wanted)],
    {
      environment: aptEnvironment,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
      logPath: context.logPath,
      workingDirectory: apt.paths.archives,
    },
  );
  return result.exitCode === 0;
}

/** From what apt has kept by itself. Nobody knows the digest of what was installed when the plan was made, so the file is read. */
async function adoptFromApt({ commands, paths }: Apt, wayBack: readonly ExactPackage[]): Promise<void> {
  for (const wanted of wayBack) {
    const found = await findArchive(paths.aptArchives, wanted);
    if (found !== null && (await isReadable(commands, found)))
      await copyFile(found, join(paths.archives, basename(found)));
  }
}

/** Those of which this host has no file that is whole and as planned. */
async function notKept(apt: Apt, wayBack: readonly ExactPackage[]): Promise<readonly ExactPackage[]> {
  const missing: ExactPackage[] = [];
  for (const wanted of wayBack) {
    const isKept = (await checkDigest(apt.paths.archives, wanted)) === 'right' && (await isWhole(apt, wanted));
    if (!isKept) missing.push(wanted);
  }
  return missing;
}

/** Returns what could not be had. */
async function keepWayBack(
  apt: Apt,
  wayBack: readonly ExactPackage[],
  context: StepContext,
): Promise<readonly ExactPackage[]> {
  await adoptFromApt(apt, await notKept(apt, wayBack));
  const missing = await notKept(apt, wayBack);
  if (missing.length === 0) return [];
  // All at once where all are there; one that is not would keep the others from being downloaded.
  if (!(await download(apt, missing, context))) {
    for (const wanted of missing) await download(apt, [wanted], context);
  }
  return notKept(apt, missing);
}

type DigestCheck = 'right' | 'wrong' | 'missing';

async function checkDigest(archives: string, wanted: ExactPackage): Promise<DigestCheck> {
  const path = await findArchive(archives, wanted);
  if (path === null) return 'missing';
  if (wanted.sha256 === null || (await digestOf(path)) === wanted.sha256) return 'right';
  await rm(path, { force: true });
  return 'wrong';
}

/** Has this host kept all of it that it does not run yet, each file whole and as planned? */
export async function areKept(apt: Apt, targets: readonly ExactPackage[]): Promise<boolean> {
  const entries = await readDpkg(
    apt.commands,
    targets.map((target) => target.name),
  );
  for (const target of pendingTargets(targets, entries)) {
    if ((await checkDigest(apt.paths.archives, target)) !== 'right' || !(await isWhole(apt, target))) return false;
  }
  return targets.length > 0;
}

/** Of a version that was installed when the plan was made nobody knows the digest. */
async function isWhole({ commands, paths }: Apt, wanted: ExactPackage): Promise<boolean> {
  if (wanted.sha256 !== null) return true;
  const path = await findArchive(paths.archives, wanted);
  if (path === null) return false;
  if (await isReadable(commands, path)) return true;
  await rm(path, { force: true });
  return false;
}

async function isReadable(commands: Commands, path: string): Promise<boolean> {
  return (await commands.run(['dpkg-deb', '--contents', path], { timeoutMs: READ_TIMEOUT_MS })).exitCode === 0;
}

/** What is installed is needed too: it will be the way back from whatever comes next. */
async function prune({ commands, paths, limits }: Apt, ordered: readonly ExactPackage[]): Promise<void> {
  const files = await listArchives(paths.archives);
  const entries = await readDpkg(commands, [...new Set(files.map(packageOfArchive))]);
  const needed = [...ordered, ...[...entries.values()].filter((entry) => entry.present)];
  const others = files.filter((file) => !needed.some((one) => isArchiveOf(file, one)));
  await pruneFiles(paths.archives, others, limits.keepDownloadsMs);
}

/** Returns those that are not installed yet. */
async function proveFetched(apt: Apt, targets: readonly ExactPackage[]): Promise<readonly ExactPackage[]> {
  const entries = await readDpkg(
    apt.commands,
    targets.map((target) => target.name),
  );
  const pending = pendingTargets(targets, entries);
  for (const target of pending) {
    const checked = await checkDigest(apt.paths.archives, target);
    if (checked === 'right') continue;
    const name = `${target.name} ${target.version}`;
    if (checked === 'missing')
      throw new StepFailure('download-failed', `${name} is not in ${basename(apt.paths.archives)}`);
    throw new StepFailure('digest-mismatch', `${name} is not the file that was planned; it was deleted`);
  }
  return pending;
}

/** See `Packages.fetch`. */
export async function fetchApt(
  apt: Apt,
  targets: readonly ExactPackage[],
  wayBack: readonly ExactPackage[],
  context: StepContext,
): Promise<readonly ExactPackage[]> {
  await prepareArchives(apt.paths.archives);
  return context.measure('packages', async () => {
    await prune(apt, [...targets, ...wayBack]);
    await downloadTargets(apt, targets, context);
    await predictConffiles(apt, await proveFetched(apt, targets), context);
    return keepWayBack(apt, wayBack, context);
  });
}
