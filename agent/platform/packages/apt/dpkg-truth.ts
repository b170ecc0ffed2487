import { readdir } from 'node:fs/promises';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../../run-command.ts';
import { StepFailure } from '../../step-failure.ts';
import type { DpkgEntry } from './dpkg-query.ts';
import { DPKG_QUERY_FORMAT, entriesByName, parseDpkgQuery } from './dpkg-query.ts';

const QUERY_TIMEOUT_MS = 60_000;

/** What dpkg has of these packages. A name that dpkg never heard of is missing from the answer. */
export async function readDpkg(commands: Commands, names: readonly string[]): Promise<ReadonlyMap<string, DpkgEntry>> {
  if (names.length === 0) return new Map();
  const result = await commands.run(['dpkg-query', '-W', '-f', DPKG_QUERY_FORMAT, ...names], {
    timeoutMs: QUERY_TIMEOUT_MS,
  });
  // Exit code 1: some name is unknown; the known ones are listed all the same.
  if (result.exitCode !== 0 && result.exitCode !== 1) {
    throw new StepFailure('internal-error', `dpkg-query: ${result.stderr.slice(0, 1000)}`);
  }
  return entriesByName(parseDpkgQuery(result.stdout));
}

/** Every package that dpkg knows, of all architectures. */
export async function readAllDpkg(commands: Commands): Promise<readonly DpkgEntry[]> {
  const result = await commands.run(['dpkg-query', '-W', '-f', DPKG_QUERY_FORMAT], { timeoutMs: QUERY_TIMEOUT_MS });
  if (result.exitCode !== 0) throw new StepFailure('internal-error', `dpkg-query: ${result.stderr.slice(0, 1000)}`);
  return parseDpkgQuery(result.stdout);
}

/** True when dpkg did not end its last work: its unfinished transaction is in files that are named by digits only. */
export async function isJournalDirty(dpkg: string): Promise<boolean> {
  const names = await readdir(`${dpkg}/updates`).catch((): string[] => []);
  return names.some((name) => /^\d+$/.test(name));
}

/** What `dpkg --audit` and dpkg's journal say is wrong; empty means clean. */
export async function auditDpkg(commands: Commands, dpkg: string): Promise<readonly string[]> {
  const [dirty, audit] = await Promise.all([
    isJournalDirty(dpkg),
    commands.run(['dpkg', '--audit'], { timeoutMs: QUERY_TIMEOUT_MS }),
  ]);
  const problems = (audit.stdout + audit.stderr).split('\n').filter((line) => line.trim() !== '');
  if (problems.length === 0 && audit.exitCode !== 0) problems.push(`dpkg --audit ended with ${audit.exitCode}`);
  return dirty ? ['dpkg was interrupted: its journal is not empty', ...problems] : problems;
}

function describeUnclean(entries: ReadonlyMap<string, DpkgEntry>, targets: readonly ExactPackage[]): string[] {
  return targets.flatMap((target) => {
    const entry = entries.get(target.name);
    return entry?.present === true && !entry.clean ? [`${entry.name} is "${entry.abbreviation.trim()}"`] : [];
  });
}

function describeDifferent(entries: ReadonlyMap<string, DpkgEntry>, targets: readonly ExactPackage[]): string[] {
  return targets.flatMap((target) => {
    const entry = entries.get(target.name);
    const version = entry?.present === true ? entry.version : 'not installed';
    return version === target.version ? [] : [`${target.name} is ${version}, wanted ${target.version}`];
  });
}

/**
 * The truth about an installation, whatever the exit code of apt was: nothing half-done, nothing flagged, exactly these versions.
 * `dpkg --configure -a` is known to end with 0 over a package that still has to be reinstalled.
 */
export async function proveExactVersions(
  commands: Commands,
  dpkg: string,
  targets: readonly ExactPackage[],
): Promise<void> {
  const [problems, entries] = await Promise.all([
    auditDpkg(commands, dpkg),
    readDpkg(
      commands,
      targets.map((target) => target.name),
    ),
  ]);
  const unclean = describeUnclean(entries, targets);
  if (unclean.length > 0) throw new StepFailure('half-installed', unclean.join(', '));
  if (problems.length > 0) throw new StepFailure('packages-unclean', problems.join('\n').slice(0, 2000));
  const different = describeDifferent(entries, targets);
  if (different.length > 0) throw new StepFailure('versions-differ', different.join(', ').slice(0, 2000));
}
