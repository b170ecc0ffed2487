import { z } from 'zod';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { CommandResult, Commands } from '../../run-command.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import type { Packages } from '../packages.ts';
import { toOffer } from '../rpm/rpm-advisories.ts';
import type { PackageLimits } from '../package-limits.ts';
import { defaultPackageLimits } from '../package-limits.ts';
import { findRpmFile } from '../rpm/rpm-archive.ts';
import { classifyRpmFailure, rpmFailureExcerpt } from '../rpm/rpm-failure.ts';
import { createRpmPackages, defaultRpmPaths } from '../rpm/rpm-packages.ts';
import type { RpmManager, RpmPaths, RpmPlan, SolveFrom, SurveyedRpm } from '../rpm/rpm-setting.ts';
import { askDnf } from './dnf-ask.ts';

const ASK_TIMEOUT_MS = 120_000;
const REFRESH_TIMEOUT_MS = 90_000;
const DOWNLOAD_TIMEOUT_MS = 25 * 60_000;
/** The controller gives the step 30 minutes and then inspects; dnf itself is never killed. */
const INSTALL_TIMEOUT_MS = 60 * 60_000;

const planAnswer = z.object({
  install: z.array(z.object({ name: z.string(), version: z.string(), downloadBytes: z.number(), kept: z.boolean() })),
  remove: z.array(z.string()),
});
const heldAnswer = z.object({ held: z.array(z.string()) });
const historyAnswer = z.object({ unfinished: z.object({ id: z.number(), commandLine: z.string() }).nullable() });
const downloadAnswer = z.object({ missing: z.array(z.unknown()) });
const surveyAnswer = z.object({
  packages: z.array(
    z.object({
      name: z.string(),
      installed: z.string(),
      candidate: z.string(),
      held: z.boolean(),
      isOffered: z.boolean(),
      offers: z.array(
        z.object({ version: z.string(), sha256: z.string(), downloadBytes: z.number(), origin: z.string() }),
      ),
      advisories: z.array(
        z.object({
          id: z.string(),
          kind: z.string(),
          severity: z.string(),
          cves: z.array(z.string()),
          versions: z.array(z.string()),
        }),
      ),
    }),
  ),
});

type Dnf = { readonly commands: Commands; readonly archives: string };

async function unfinished({ commands, archives }: Dnf): Promise<readonly string[]> {
  const answer = await askDnf(commands, 'history', { archives }, historyAnswer, ASK_TIMEOUT_MS);
  if (answer.unfinished === null) return [];
  const { id, commandLine } = answer.unfinished;
  return [`dnf was interrupted: transaction ${id} (dnf ${commandLine}) has no end in its history`];
}

async function refresh({ commands }: Dnf, context: StepContext | null): Promise<void> {
  const argv = ['dnf', '-y', '-q', 'makecache', '--refresh'];
  const result = await (context === null
    ? commands.run(argv, { timeoutMs: REFRESH_TIMEOUT_MS })
    : commands.runLogged(argv, { timeoutMs: REFRESH_TIMEOUT_MS, logPath: context.logPath }));
  if (result.timedOut) throw new StepFailure('lists-unavailable', 'dnf makecache did not end in time');
  const said = result.stdout + result.stderr;
  if (result.exitCode !== 0)
    throw new StepFailure(classifyRpmFailure(said, 'lists-unavailable'), rpmFailureExcerpt(said));
}

function solve({ commands, archives }: Dnf, targets: readonly ExactPackage[], from: SolveFrom): Promise<RpmPlan> {
  return askDnf(commands, 'resolve', { archives, offline: from === 'archives', targets }, planAnswer, ASK_TIMEOUT_MS);
}

/** By file and with every repository off, so that nothing but what was fetched can come. dnf takes an argument with a slash for a file. */
async function install(
  { commands, archives }: Dnf,
  packages: readonly ExactPackage[],
  again: boolean,
  context: StepContext,
): Promise<CommandResult> {
  const files = await Promise.all(packages.map((wanted) => findRpmFile(archives, wanted)));
  const paths = files.filter((path) => path !== null);
  const argv = ['dnf', '-y', '--disablerepo=*', again ? 'reinstall' : 'install', ...paths];
  return commands.runLogged(argv, { timeoutMs: INSTALL_TIMEOUT_MS, logPath: context.logPath });
}

async function survey({ commands, archives }: Dnf): Promise<readonly SurveyedRpm[]> {
  const { packages } = await askDnf(commands, 'survey', { archives }, surveyAnswer, ASK_TIMEOUT_MS);
  return packages.map(({ advisories, ...state }) => ({
    ...state,
    offers: state.offers.map((offer) => toOffer(offer, state.installed, advisories)),
  }));
}

function createManager(dnf: Dnf): RpmManager {
  const { commands, archives } = dnf;
  return {
    name: 'dnf',
    pidFiles: ['/var/cache/dnf/metadata_lock.pid', '/var/cache/dnf/download_lock.pid', '/var/lib/dnf/rpmdb_lock.pid'],
    unfinished: () => unfinished(dnf),
    held: async (names) => (await askDnf(commands, 'held', { archives, names }, heldAnswer, ASK_TIMEOUT_MS)).held,
    refresh: (context) => refresh(dnf, context),
    solve: (targets, from) => solve(dnf, targets, from),
    async download(packages) {
      await askDnf(commands, 'download', { archives, packages }, downloadAnswer, DOWNLOAD_TIMEOUT_MS);
    },
    install: (packages, again, context) => install(dnf, packages, again, context),
    survey: () => survey(dnf),
  };
}

/** Packages of Fedora, RHEL and their children, through dnf 4 and rpm. */
export function createDnf(
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
