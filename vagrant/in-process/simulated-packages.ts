import { compareDebianVersions } from '../../agent/platform/packages/apt/debian-version.ts';
import type { PackageState, Packages, WayBack } from '../../agent/platform/packages/packages.ts';
import type { StepContext } from '../../agent/platform/step-context.ts';
import { StepFailure } from '../../agent/platform/step-failure.ts';
import type { ExactPackage } from '../../proto/zdms/v1/executor.ts';
import type { BootLife } from './boot-life.ts';
import { digestOf } from './simulated-repository.ts';
import type { SimulatedSystem } from './simulated-system.ts';

const LOCK_POLL_MS = 20;

/** What a package manager on this boot works with. `restartService`: what a maintainer script does to the package's service. */
export interface PackagesOptions {
  readonly system: SimulatedSystem;
  readonly boot: BootLife;
  readonly restartService: (packageName: string) => Promise<void>;
}

/** A package manager whose packages are only names and versions. It fails with the codes that apt's adapter fails with. */
export function simulatedPackages(options: PackagesOptions): Packages {
  const { system, boot } = options;
  return {
    async installed(names) {
      await boot.takes(0);
      return Object.fromEntries(names.map((name) => [name, system.packages.get(name)?.version ?? null]));
    },
    async audit() {
      await boot.takes(0);
      return audit(system);
    },
    preflight: (targets, context) => context.measure('packages', () => preflight(options, targets)),
    fetch: (targets, wayBack, context) => context.measure('packages', () => fetch(options, targets, wayBack)),
    install: (targets, context) => context.measure('packages', () => install(options, targets, context)),
    async proveInstalled(targets) {
      await boot.takes(0);
      prove(system, targets);
    },
    async survey(refresh) {
      await boot.takes(refresh ? system.pace.listsMs : 0);
      if (refresh) refuseBrokenMirror(system, 'lists-unavailable');
      return [...system.packages.keys()].flatMap((name) => stateOf(system, name));
    },
  };
}

function audit(system: SimulatedSystem): readonly string[] {
  return [...system.packages]
    .filter(([, { state }]) => state !== 'installed')
    .map(([name, { state }]) => `${name} is ${state}`);
}

function refuseBrokenMirror(system: SimulatedSystem, code: 'lists-unavailable' | 'download-failed'): void {
  if (system.faults.mirrorBroken)
    throw new StepFailure(code, 'E: Failed to fetch http://mirror: 503 Service Unavailable');
}

async function waitForLock({ system, boot }: PackagesOptions): Promise<void> {
  const deadlineMs = performance.now() + system.pace.lockWaitMs;
  while (system.faults.lockHeldBy !== null) {
    if (performance.now() >= deadlineMs) throw new StepFailure('lock-held', system.faults.lockHeldBy);
    await boot.takes(LOCK_POLL_MS);
  }
}

async function preflight(options: PackagesOptions, targets: readonly ExactPackage[]): Promise<void> {
  const { system, boot } = options;
  await waitForLock(options);
  await boot.takes(system.pace.listsMs);
  const problems = audit(system);
  if (problems.length > 0) throw new StepFailure('packages-unclean', problems.join('\n'));
  const held = targets.filter(
    ({ name, version }) => system.held.has(name) && system.installedVersion(name) !== version,
  );
  if (held.length > 0) throw new StepFailure('package-held', `on hold: ${held.map(({ name }) => name).join(', ')}`);
  if (system.faults.diskFull) throw new StepFailure('disk-full', '/: 0 MB free, 200 MB needed');
  const isKept = targets.length > 0 && targets.every((target) => system.archives.has(nameAndVersion(target)));
  if (isKept) return;
  refuseBrokenMirror(system, 'lists-unavailable');
  const missing = pending(system, targets).find(({ name, version }) => !system.repository.has(name, version));
  if (missing === undefined) return;
  throw new StepFailure('version-unobtainable', `E: Version '${missing.version}' for '${missing.name}' was not found`);
}

async function fetch(
  { system, boot }: PackagesOptions,
  targets: readonly ExactPackage[],
  wayBack: readonly ExactPackage[],
): Promise<readonly ExactPackage[]> {
  await boot.takes(system.pace.fetchMs);
  if (system.faults.diskFull) throw new StepFailure('disk-full', 'E: No space left on device');
  for (const wanted of pending(system, targets)) {
    if (!download(system, wanted))
      throw new StepFailure('download-failed', `E: Failed to fetch ${nameAndVersion(wanted)}`);
    if (wanted.sha256 === null || wanted.sha256 === digestOf(wanted.name, wanted.version)) continue;
    system.archives.delete(nameAndVersion(wanted));
    throw new StepFailure(
      'digest-mismatch',
      `${nameAndVersion(wanted)} is not the file that was planned; it was deleted`,
    );
  }
  return wayBack.filter((wanted) => !download(system, wanted));
}

/** False when it is not there and cannot be had. */
function download(system: SimulatedSystem, wanted: ExactPackage): boolean {
  const file = nameAndVersion(wanted);
  if (system.archives.has(file)) return true;
  const { mirrorBroken, downloadsFail } = system.faults;
  if (mirrorBroken || downloadsFail || !system.repository.has(wanted.name, wanted.version)) return false;
  system.archives.add(file);
  return true;
}

async function install(
  options: PackagesOptions,
  targets: readonly ExactPackage[],
  context: StepContext,
): Promise<void> {
  const { system } = options;
  if (audit(system).length > 0) context.remark('dpkg had been interrupted and was finished first');
  for (const wanted of pending(system, targets)) await installOne(options, wanted);
  prove(system, targets);
}

async function installOne(options: PackagesOptions, wanted: ExactPackage): Promise<void> {
  const { system, boot, restartService } = options;
  const { name, version } = wanted;
  const { faults, pace } = system;
  await waitForLock(options);
  if (!system.archives.has(nameAndVersion(wanted))) throw new StepFailure('not-fetched', `${name} was not fetched`);
  if (faults.diskFull) throw new StepFailure('disk-full', 'dpkg: error: No space left on device');
  system.installs.set(name, (system.installs.get(name) ?? 0) + 1);
  system.packages.set(name, { version, state: 'half-configured' });
  await boot.takes((pace.installMs + faults.installDelayMs) / 2);
  if (faults.scriptFails === name) {
    throw new StepFailure(
      'package-script-failed',
      `dpkg: installed ${name} package post-installation script returned error`,
    );
  }
  await restartService(name);
  await boot.takes((pace.installMs + faults.installDelayMs) / 2);
  system.packages.set(name, { version, state: 'installed' });
  for (const unit of system.usedBy.get(name) ?? []) system.oldUnits.add(unit);
}

function prove(system: SimulatedSystem, targets: readonly ExactPackage[]): void {
  const half = targets.filter(({ name }) => system.packages.get(name)?.state === 'half-configured');
  if (half.length > 0) throw new StepFailure('half-installed', half.map(({ name }) => name).join(', '));
  const problems = audit(system);
  if (problems.length > 0) throw new StepFailure('packages-unclean', problems.join('\n'));
  const different = pending(system, targets).map(
    ({ name, version }) => `${name} is ${system.installedVersion(name) ?? 'not installed'}, wanted ${version}`,
  );
  if (different.length > 0) throw new StepFailure('versions-differ', different.join(', '));
}

/** The targets that are not yet exactly and cleanly installed. */
function pending(system: SimulatedSystem, targets: readonly ExactPackage[]): readonly ExactPackage[] {
  return targets.filter(({ name, version }) => system.installedVersion(name) !== version);
}

function stateOf(system: SimulatedSystem, name: string): PackageState[] {
  const installed = system.installedVersion(name);
  if (installed === null) return [];
  const all = system.repository.offers(name, installed);
  const offers = all.filter(({ version }) => version !== installed);
  if (offers.length === 0) return [];
  const [newest = installed] = all.map(({ version }) => version);
  const candidate = compareDebianVersions(newest, installed) > 0 ? newest : installed;
  const wayBack = wayBackOf(system, { name, version: installed });
  return [{ name, installed, candidate, offers, held: system.held.has(name), wayBack }];
}

function wayBackOf(system: SimulatedSystem, installed: Omit<ExactPackage, 'sha256'>): WayBack {
  if (system.archives.has(nameAndVersion(installed))) return 'kept';
  return system.repository.has(installed.name, installed.version) ? 'offered' : 'none';
}

function nameAndVersion({ name, version }: Omit<ExactPackage, 'sha256'>): string {
  return `${name}=${version}`;
}
