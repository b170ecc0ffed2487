import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import type { Apt } from './apt-setting.ts';
import { aptEnvironment, aptOptions } from './apt-arguments.ts';
import { classifyAptFailure, failureExcerpt } from './apt-failure.ts';
import { areKept, prepareArchives } from './apt-fetch.ts';
import { refreshLists } from './apt-lists.ts';
import { parseAptSimulation, sumPrintedUriBytes } from './apt-simulation.ts';
import { findLockHolder } from './dpkg-lock.ts';
import { allowDowngrades, fetchedArguments } from './apt-targets.ts';
import { readDpkg, auditDpkg } from './dpkg-truth.ts';

const LOCK_WAIT_MS = 30_000;
const LOCK_POLL_MS = 250;
const DRY_RUN_TIMEOUT_MS = 60_000;
/** What unpacking needs, as a multiple of the download: packages are compressed about 1:4, and the old files stay until the end. */
const UNPACK_FACTOR = 4;
/** The download is there twice: from fetch, and where something else copies it. */
const DOWNLOAD_FACTOR = 2;
const FREE_INODES_MIN_SHARE = 0.05;

async function waitForLock(apt: Apt): Promise<void> {
  const paths = [`${apt.paths.dpkg}/lock-frontend`, `${apt.paths.dpkg}/lock`];
  const deadlineMs = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const holder = await findLockHolder(paths);
    if (holder === null) return;
    if (performance.now() >= deadlineMs) throw new StepFailure('lock-held', holder);
    await sleep(LOCK_POLL_MS);
  }
}

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
    apt.commands.run(['apt-get', '-s', ...exact], options),
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

/** Bytes free for others than root: root's reserve is for repairs, not for patches. */
async function refuseFull(path: string, neededBytes: number): Promise<void> {
  const found = await statfs(path);
  const freeBytes = found.bavail * found.bsize;
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  if (freeBytes < neededBytes) {
    throw new StepFailure('disk-full', `${path}: ${megabytes(freeBytes)} MB free, ${megabytes(neededBytes)} MB needed`);
  }
  // Some file systems (btrfs) have no fixed number of inodes and say 0.
  if (found.files > 0 && found.ffree / found.files < FREE_INODES_MIN_SHARE) {
    throw new StepFailure('inodes-full', `${path}: ${found.ffree} of ${found.files} inodes free`);
  }
}

async function refuseTooSmall(apt: Apt, downloadBytes: number): Promise<void> {
  const download = DOWNLOAD_FACTOR * downloadBytes + apt.limits.freeMarginBytes;
  const unpack = UNPACK_FACTOR * downloadBytes + download;
  await refuseFull(apt.paths.archives, download);
  await refuseFull(apt.paths.root, unpack);
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
    await waitForLock(apt);
    await Promise.all([refuseUnclean(apt), refuseHeld(apt, targets), refuseTooSmall(apt, 0)]);
    if (await canDoWithout(apt, targets, context)) return;
    await refreshLists(apt, context);
    if (targets.length === 0) return;
    await refuseTooSmall(apt, await dryRun(apt, targets, context));
  });
}
