import { readdir } from 'node:fs/promises';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { CommandResult, Commands } from '../../run-command.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import type { Packages } from '../packages.ts';
import type { PackageLimits } from '../package-limits.ts';
import { defaultPackageLimits } from '../package-limits.ts';
import { findRpmFile } from '../rpm/rpm-archive.ts';
import { classifyRpmFailure, rpmFailureExcerpt } from '../rpm/rpm-failure.ts';
import { createRpmPackages, defaultRpmPaths } from '../rpm/rpm-packages.ts';
import type { RpmManager, RpmPaths, RpmPlan, SolveFrom } from '../rpm/rpm-setting.ts';
import { keepAutoInstalled } from './auto-installed.ts';
import { isLocked, parseErrors, parseInstallSummary, parseLocks, parsePrompt } from './zypper-answers.ts';
import { surveyZypper } from './zypper-survey.ts';

const ASK_TIMEOUT_MS = 120_000;
const REFRESH_TIMEOUT_MS = 90_000;
const DOWNLOAD_TIMEOUT_MS = 25 * 60_000;
/** The controller gives the step 30 minutes and then inspects; zypper itself is never killed. */
const INSTALL_TIMEOUT_MS = 60 * 60_000;

/** Exit codes that are no failures (zypper(8)). That a script failed is told by rpm's own words. */
const exitCodes = { rebootNeeded: 102, runAgain: 103, repositoriesSkipped: 106, scriptFailed: 107 } as const;
const refusedCodes = { locked: 7, needsAnswer: 4, notFound: 104 } as const;

/** zypper gives up at once where another one works; this is how long it waits (s). */
export const zypperEnvironment: Readonly<Record<string, string>> = { ZYPP_LOCK_TIMEOUT: '600' };

type Zypper = { readonly commands: Commands; readonly archives: string };

function exactArguments(packages: readonly ExactPackage[]): readonly string[] {
  return packages.map(({ name, version }) => `${name}=${version}`);
}

/** The archive directory as a repository of its own; zypper cannot read an empty one. */
async function archiveOptions(archives: string): Promise<readonly string[]> {
  const names = await readdir(archives).catch((): string[] => []);
  return names.some((name) => name.endsWith('.rpm')) ? ['--plus-repo', `dir:${archives}`] : [];
}

const installOptions = ['--oldpackage', '--no-recommends', '--auto-agree-with-licenses', '--details'] as const;

async function globalOptions(archives: string, from: SolveFrom): Promise<readonly string[]> {
  const options = ['--non-interactive', '--no-refresh', ...(await archiveOptions(archives))];
  return from === 'archives' ? [...options, '--no-remote'] : options;
}

async function dryRun(
  { commands, archives }: Zypper,
  targets: readonly ExactPackage[],
  from: SolveFrom,
  more: readonly string[],
): Promise<CommandResult> {
  const options = await globalOptions(archives, from);
  const argv = ['zypper', '--xmlout', ...options, 'install', '--dry-run', ...installOptions, ...more];
  return commands.run([...argv, ...exactArguments(targets)], {
    timeoutMs: ASK_TIMEOUT_MS,
    environment: zypperEnvironment,
  });
}

/** Which of it is here already is not in zypper's answer. */
async function markKept(plan: RpmPlan, archives: string): Promise<RpmPlan> {
  const files = await Promise.all(plan.install.map((one) => findRpmFile(archives, one)));
  return { ...plan, install: plan.install.map((one, index) => ({ ...one, kept: files[index] !== null })) };
}

/** zypper asks where its solver cannot go on; letting it go on by itself shows whether it would have to remove something. */
async function refuse(
  zypper: Zypper,
  targets: readonly ExactPackage[],
  from: SolveFrom,
  asked: string,
): Promise<RpmPlan> {
  const forced = await dryRun(zypper, targets, from, ['--force-resolution']);
  const { remove } = parseInstallSummary(forced.stdout);
  if (remove.length > 0) return { install: [], remove };
  throw new StepFailure('unmet-dependencies', parsePrompt(asked).slice(0, 1500));
}

async function solve(zypper: Zypper, targets: readonly ExactPackage[], from: SolveFrom): Promise<RpmPlan> {
  const result = await dryRun(zypper, targets, from, []);
  const errors = parseErrors(result.stdout);
  if (result.timedOut) throw new StepFailure('package-manager-timeout', 'zypper did not end its dry run in time');
  if (isSuccess(result)) return markKept(parseInstallSummary(result.stdout), zypper.archives);
  if (result.exitCode === refusedCodes.needsAnswer) return refuse(zypper, targets, from, result.stdout);
  if (result.exitCode === refusedCodes.notFound) throw new StepFailure('version-unobtainable', errors.slice(0, 1500));
  if (result.exitCode === refusedCodes.locked) throw new StepFailure('lock-held', errors.slice(0, 1500));
  throw new StepFailure('package-manager-failed', `${errors}${result.stderr}`.slice(0, 1500));
}

function isSuccess({ exitCode }: CommandResult): boolean {
  return exitCode === 0 || Object.values<number | null>(exitCodes).includes(exitCode);
}

async function refresh({ commands }: Zypper, context: StepContext | null): Promise<void> {
  const argv = ['zypper', '--non-interactive', 'refresh'];
  const options = { timeoutMs: REFRESH_TIMEOUT_MS, environment: zypperEnvironment };
  const result = await (context === null
    ? commands.run(argv, options)
    : commands.runLogged(argv, { ...options, logPath: context.logPath }));
  if (result.timedOut) throw new StepFailure('lists-unavailable', 'zypper refresh did not end in time');
  if (result.exitCode === 0) return;
  const said = result.stdout + result.stderr;
  const code = result.exitCode === refusedCodes.locked ? 'lock-held' : 'lists-unavailable';
  throw new StepFailure(code, rpmFailureExcerpt(said));
}

async function download(
  { commands }: Zypper,
  packages: readonly ExactPackage[],
  incoming: string,
  context: StepContext,
): Promise<void> {
  // One by one: of several versions of one package it takes only the best.
  for (const wanted of packages) {
    const argv = ['zypper', '--non-interactive', '--no-refresh', '--pkg-cache-dir', incoming, 'download'];
    const options = { timeoutMs: DOWNLOAD_TIMEOUT_MS, environment: zypperEnvironment, logPath: context.logPath };
    const result = await commands.runLogged([...argv, ...exactArguments([wanted])], options);
    if (result.timedOut) throw new StepFailure('package-manager-timeout', `${wanted.name} was not downloaded in time`);
    if (isSuccess(result)) continue;
    const said = result.stdout + result.stderr;
    throw new StepFailure(classifyRpmFailure(said, 'download-failed'), rpmFailureExcerpt(said));
  }
}

function remarkExit(exitCode: number | null, context: StepContext): void {
  if (exitCode === exitCodes.rebootNeeded) context.remark('zypper says that a reboot is needed');
  if (exitCode === exitCodes.repositoriesSkipped) context.remark('zypper left out repositories that it could not read');
}

/** A success of any kind has exit code 0 here. After an update of itself zypper stops, and goes on when it is run again. */
async function install(
  { commands, archives }: Zypper,
  packages: readonly ExactPackage[],
  again: boolean,
  context: StepContext,
): Promise<CommandResult> {
  const argv = ['zypper', ...(await globalOptions(archives, 'archives')), 'install', ...installOptions];
  const command = [...argv, ...(again ? ['--force'] : []), ...exactArguments(packages)];
  const options = { timeoutMs: INSTALL_TIMEOUT_MS, environment: zypperEnvironment, logPath: context.logPath };
  let result = await commands.runLogged(command, options);
  if (result.exitCode === exitCodes.runAgain) {
    context.remark('zypper had updated itself and was run again');
    const second = await commands.runLogged(command, options);
    result = { ...second, stdout: result.stdout + second.stdout };
  }
  remarkExit(result.exitCode, context);
  return isSuccess(result) ? { ...result, exitCode: 0 } : result;
}

async function held({ commands }: Zypper, names: readonly string[]): Promise<readonly string[]> {
  const patterns = await readLocks(commands);
  return names.filter((name) => isLocked(name, patterns));
}

async function readLocks(commands: Commands): Promise<readonly string[]> {
  const argv = ['zypper', '--xmlout', '--non-interactive', '--no-refresh', 'locks'];
  const result = await commands.run(argv, { timeoutMs: ASK_TIMEOUT_MS, environment: zypperEnvironment });
  if (result.exitCode === 0) return parseLocks(result.stdout);
  throw new StepFailure('internal-error', `zypper locks: ${parseErrors(result.stdout)}${result.stderr}`.slice(0, 1000));
}

function createManager(zypper: Zypper): RpmManager {
  return {
    name: 'zypper',
    pidFiles: ['/run/zypp.pid'],
    // zypper runs rpm once for each package and keeps no account of the whole: what was cut off shows in the database alone.
    unfinished: () => Promise.resolve([]),
    held: (names) => held(zypper, names),
    refresh: (context) => refresh(zypper, context),
    solve: (targets, from) => solve(zypper, targets, from),
    download: (packages, incoming, context) => download(zypper, packages, incoming, context),
    install: (packages, again, context) => keepAutoInstalled(packages, () => install(zypper, packages, again, context)),
    survey: async () => surveyZypper(zypper.commands, await readLocks(zypper.commands)),
  };
}

/** Packages of SUSE and its children, through zypper and rpm. */
export function createZypper(
  commands: Commands,
  paths: RpmPaths = defaultRpmPaths,
  limits: PackageLimits = defaultPackageLimits,
): Packages {
  return createRpmPackages({
    commands,
    paths,
    limits,
    manager: createManager({ commands, archives: paths.archives }),
  });
}
