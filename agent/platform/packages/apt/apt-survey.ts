import type { Commands } from '../../run-command.ts';
import { StepFailure } from '../../step-failure.ts';
import { noIds } from '../advisory-ids.ts';
import { withAdvisories } from './apt-advisories.ts';
import type { PolicyPackage, PolicySource, PolicyVersion } from './apt-policy.ts';
import { parseAptPolicy, parseAptSources } from './apt-policy.ts';
import type { AptRecord } from './apt-records.ts';
import { parseAptRecords, parseSources } from './apt-records.ts';
import { isArchiveOf, listArchives } from './archive.ts';
import type { Apt } from './apt-setting.ts';
import type { DpkgEntry } from './dpkg-query.ts';
import { DPKG_QUERY_FORMAT, entriesByName, nativeArchitecture, parseDpkgQuery } from './dpkg-query.ts';
import type { PackageOffer, PackageState, WayBack } from '../packages.ts';

const QUERY_TIMEOUT_MS = 120_000;

async function query(commands: Commands, argv: readonly string[]): Promise<string> {
  const result = await commands.run(argv, { timeoutMs: QUERY_TIMEOUT_MS });
  if (result.exitCode === 0) return result.stdout;
  throw new StepFailure('internal-error', `${argv.slice(0, 2).join(' ')}: ${result.stderr.slice(0, 1000)}`);
}

/** Versions on offer from a repository, other than the installed one, the newest first, as apt lists them. */
function otherVersions(policy: PolicyPackage, installed: string): readonly PolicyVersion[] {
  return policy.versions.filter((version) => version.sources.length > 0 && version.version !== installed);
}

/** Does apt list this version before the installed one? */
function isNewer(version: PolicyVersion, { versions }: PolicyPackage, installed: string): boolean {
  const at = versions.findIndex((each) => each.version === installed);
  return at < 0 || versions.indexOf(version) < at;
}

type Known = {
  readonly records: readonly AptRecord[];
  readonly sources: ReadonlyMap<string, PolicySource>;
  /** Names of the files that the host has kept. */
  readonly kept: readonly string[];
};

function toOffer(name: string, offered: PolicyVersion, newer: boolean, known: Known): PackageOffer[] {
  const record = known.records.find(
    (one) =>
      one.name === name &&
      one.version === offered.version &&
      (one.architecture === nativeArchitecture || one.architecture === 'all'),
  );
  if (record === undefined) return [];
  const sources = offered.sources.flatMap((source) => known.sources.get(source) ?? []);
  return [
    {
      version: offered.version,
      sha256: record.sha256,
      downloadBytes: record.downloadBytes,
      security: newer && sources.some((source) => source.security),
      origin: (sources.find((source) => source.security) ?? sources[0])?.label ?? '',
      ...noIds,
      advisoriesKnown: false,
    },
  ];
}

function wayBackOf(entry: DpkgEntry, { versions }: PolicyPackage, kept: readonly string[]): WayBack {
  if (kept.some((file) => isArchiveOf(file, entry))) return 'kept';
  return versions.some(({ version, sources }) => version === entry.version && sources.length > 0) ? 'offered' : 'none';
}

function toState(entry: DpkgEntry, policy: PolicyPackage, known: Known): PackageState[] {
  const seen = new Set<string>();
  const offers = otherVersions(policy, entry.version)
    .filter((offered) => !seen.has(offered.version) && seen.add(offered.version))
    .flatMap((offered) => toOffer(entry.name, offered, isNewer(offered, policy, entry.version), known));
  if (offers.length === 0) return [];
  const candidate = policy.candidate ?? entry.version;
  const wayBack = wayBackOf(entry, policy, known.kept);
  return [{ name: entry.name, installed: entry.version, candidate, offers, held: entry.held, wayBack }];
}

/**
 * Installed packages of this host's own architecture with other versions on offer. Four queries for the whole host: what is installed,
 * what apt would choose and from where, what each repository calls itself, and the digests of what is on offer. Then changelogs, for
 * what newer versions close: all that there are with `fetchChangelogs`, else those that this host has read before.
 */
export async function surveyApt(apt: Apt, fetchChangelogs: boolean): Promise<readonly PackageState[]> {
  const { commands } = apt;
  const [installedText, sourcesText] = await Promise.all([
    query(commands, ['dpkg-query', '-W', '-f', DPKG_QUERY_FORMAT]),
    query(commands, ['apt-cache', 'policy']),
  ]);
  const entries = [...entriesByName(parseDpkgQuery(installedText)).values()].filter((entry) => entry.present);
  if (entries.length === 0) return [];
  const policies = parseAptPolicy(
    await query(commands, ['apt-cache', 'policy', ...entries.map((entry) => entry.name)]),
  );
  const byName = new Map(policies.map((policy) => [policy.name, policy]));
  const pending = entries.flatMap((entry) => {
    const policy = byName.get(entry.name);
    return policy === undefined || otherVersions(policy, entry.version).length === 0 ? [] : [{ entry, policy }];
  });
  if (pending.length === 0) return [];
  const names = pending.map(({ entry }) => entry.name);
  const recordsText = await query(commands, ['apt-cache', 'show', ...names]);
  const kept = await Promise.all([apt.paths.archives, apt.paths.aptArchives].map(listArchives));
  const known = { records: parseAptRecords(recordsText), sources: parseAptSources(sourcesText), kept: kept.flat() };
  const states = pending.flatMap(({ entry, policy }) => toState(entry, policy, known));
  const advised = withAdvisories(apt, states, parseSources(recordsText), { fetch: fetchChangelogs, nowMs: Date.now() });
  // Nothing that befalls the cache (a full disk) may hide what is on offer.
  return advised.catch(() => states);
}
