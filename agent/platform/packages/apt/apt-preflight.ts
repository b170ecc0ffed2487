import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import { refuseTooSmall } from '../free-space.ts';
import { findLockHolder, waitForLock } from '../lock-holder.ts';
import type { Apt } from './apt-setting.ts';
import { aptEnvironment, aptOptions } from './apt-arguments.ts';
import { aptFailure } from './apt-failure.ts';
import { areKept, prepareArchives } from './apt-fetch.ts';
import { type RepositoryFault, refreshLists } from './apt-lists.ts';
import { findRepair, reinstallArguments, remarkRepair, type Repair } from './apt-repair.ts';
import { refuseSmallBoot } from './apt-room.ts';
import { parseAptSimulation, parsePrintedUris, parseToBeRemoved, type PrintedUri } from './apt-simulation.ts';
import { allowDowngrades, fetchedArguments } from './apt-targets.ts';
import { readDpkg } from './dpkg-truth.ts';

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
  if (held.length === 0) return;
  const names = held.map((target) => target.name);
  throw new StepFailure(
    'package-held',
    `on hold: ${names.join(', ')}: \`apt-mark unhold ${names.join(' ')}\` if nobody needs the hold, then retry`,
  );
}

/** Proves by a dry run that apt would do what the order says; returns what would be downloaded. */
async function dryRun(
  apt: Apt,
  targets: readonly ExactPackage[],
  repair: Repair | null,
  context: StepContext,
): Promise<readonly PrintedUri[]> {
  const entries = await readDpkg(
    apt.commands,
    targets.map((target) => target.name),
  );
  const again = reinstallArguments(repair, targets);
  const exact = [
    ...aptOptions(apt.paths.archives),
    ...allowDowngrades(targets, entries),
    ...(again.length > 0 ? ['--reinstall'] : []),
    'install',
    ...(await fetchedArguments(apt.paths.archives, targets)),
    ...again,
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
  const remove = [...plan.remove, ...parseToBeRemoved(simulated.stdout)];
  if (remove.length > 0) {
    const removed = remove.join(', ');
    throw new StepFailure(
      'would-remove',
      `apt would remove ${removed}: remove or upgrade ${removed} by hand if that is wanted, then plan again`,
    );
  }
  if (simulated.exitCode !== 0) throw aptFailure(said, 'package-manager-failed');
  const named = new Set([...targets, ...(repair?.reinstall ?? [])].map((target) => target.name));
  const others = [...plan.install].filter(([name]) => !named.has(name)).map(([name, version]) => `${name} ${version}`);
  if (others.length > 0) context.remark(`apt also installs, beyond the order: ${others.join(', ')}`);
  return parsePrintedUris(printed.stdout);
}

function sumBytes(uris: readonly PrintedUri[]): number {
  return uris.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A repository that nothing comes from may be out of order: apt goes on with its old lists, and a remark tells it. */
function refuseFaulty(uris: readonly PrintedUri[], faults: readonly RepositoryFault[]): void {
  const fault = faults.find((each) => uris.some(({ uri }) => uri.startsWith(`${each.uri}/`)));
  if (fault !== undefined) throw new StepFailure(fault.code, fault.message);
}

/** Can this host do it from what it has kept, as one that goes back? Then neither lists nor a mirror are needed. */
async function canDoWithout(apt: Apt, targets: readonly ExactPackage[], context: StepContext): Promise<boolean> {
  if (!(await areKept(apt, targets))) return false;
  const uris = await dryRun(apt, targets, null, context).catch(() => null);
  return uris !== null && sumBytes(uris) === 0;
}

/** See `Packages.preflight`. What needs no lists comes first, so that a host that cannot be patched says so at once. */
export async function preflightApt(apt: Apt, targets: readonly ExactPackage[], context: StepContext): Promise<void> {
  await context.measure('packages', async () => {
    await prepareArchives(apt.paths.archives);
    const { paths, limits } = apt;
    await waitForLock(() => findLockHolder([`${paths.dpkg}/lock-frontend`, `${paths.dpkg}/lock`]), limits.lockWaitMs);
    const [repair] = await Promise.all([
      findRepair(apt),
      refuseHeld(apt, targets),
      refuseTooSmall(paths, limits, 0),
      refuseSmallBoot(apt, targets),
    ]);
    remarkRepair(repair, context);
    if (repair === null && (await canDoWithout(apt, targets, context))) return;
    const faults = await refreshLists(apt, context);
    if (targets.length === 0) return;
    const uris = await dryRun(apt, targets, repair, context);
    refuseFaulty(uris, faults);
    await refuseTooSmall(paths, limits, sumBytes(uris));
  });
}
