import { join } from 'node:path';
import type { Commands } from '../../run-command.ts';
import { StepFailure } from '../../step-failure.ts';
import { toOffer } from '../rpm/rpm-advisories.ts';
import type { RpmAdvisory } from '../rpm/rpm-advisories.ts';
import { nativeArchitecture, readAllRpm } from '../rpm/rpm-database.ts';
import type { SurveyedRpm } from '../rpm/rpm-setting.ts';
import { compareRpmVersions } from '../rpm/rpm-version.ts';
import { readAdvisories, readRepositoryPackages } from './repository-metadata.ts';
import type { RepositoryPackage } from './repository-metadata.ts';
import { isLocked, parseErrors, parseRepositories, parseUpdates } from './zypper-answers.ts';

const QUERY_TIMEOUT_MS = 120_000;
/** Where zypper keeps the metadata of each repository as it was downloaded and its signature checked. */
const RAW_CACHE = '/var/cache/zypp/raw';

type Offered = RepositoryPackage & { readonly origin: string };
type Known = { readonly offered: readonly Offered[]; readonly advisories: readonly (readonly [string, RpmAdvisory])[] };

async function query(commands: Commands, what: readonly string[]): Promise<string> {
  const argv = ['zypper', '--xmlout', '--non-interactive', '--no-refresh', ...what];
  const result = await commands.run(argv, { timeoutMs: QUERY_TIMEOUT_MS });
  // 6: no repository is defined, so nothing is on offer.
  if (result.exitCode === 0 || result.exitCode === 6) return result.stdout;
  const said = `${parseErrors(result.stdout)}${result.stderr}`;
  throw new StepFailure('internal-error', `zypper ${what.join(' ')}: ${said.slice(0, 1000)}`);
}

async function readRepositories(aliases: readonly string[], names: ReadonlySet<string>): Promise<Known> {
  const offered: Offered[] = [];
  const advisories: (readonly [string, RpmAdvisory])[] = [];
  for (const alias of aliases) {
    // zypper escapes what would be a directory of its own.
    const cache = join(RAW_CACHE, alias.replaceAll('/', '%2F'));
    const packages = await readRepositoryPackages(cache, names);
    offered.push(...packages.map((one) => ({ ...one, origin: alias })));
    advisories.push(...(await readAdvisories(cache, names)));
  }
  return { offered, advisories };
}

/** The other versions of a package, the newest first; of one version the offer of the first repository. */
function otherVersions(installed: string, offered: readonly Offered[]): readonly Offered[] {
  const seen = new Set([installed]);
  return offered
    .filter(({ architecture }) => architecture === nativeArchitecture || architecture === 'noarch')
    .filter(({ version }) => !seen.has(version) && seen.add(version))
    .toSorted((left, right) => compareRpmVersions(right.version, left.version));
}

/** zypper does not list updates of what is locked; the newest version is then what the host would take without the lock. */
function candidateOf(installed: string, update: string | undefined, held: boolean, newest: string): string {
  if (update !== undefined) return update;
  return held && compareRpmVersions(newest, installed) > 0 ? newest : installed;
}

/** Installed packages with other versions on offer, from the rpm database, zypper's list of updates and its raw metadata. */
export async function surveyZypper(commands: Commands, locks: readonly string[]): Promise<readonly SurveyedRpm[]> {
  const entries = await readAllRpm(commands);
  const aliases = parseRepositories(await query(commands, ['repos']));
  const updates = parseUpdates(await query(commands, ['list-updates']));
  const known = await readRepositories(aliases, new Set(entries.keys()));
  const offeredOf = Map.groupBy(known.offered, (one) => one.name);
  const advisoriesOf = Map.groupBy(known.advisories, ([name]) => name);
  return [...entries.values()].flatMap((entry): SurveyedRpm[] => {
    const [installed] = entry.versions;
    const offered = offeredOf.get(entry.name) ?? [];
    const others = otherVersions(installed, offered);
    const [newest] = others;
    if (newest === undefined) return [];
    const held = isLocked(entry.name, locks);
    const advisories = (advisoriesOf.get(entry.name) ?? []).map(([, advisory]) => advisory);
    const offers = others.map(({ version, sha256, downloadBytes, origin }) =>
      toOffer({ version, sha256, downloadBytes, origin }, installed, advisories),
    );
    const candidate = candidateOf(installed, updates.get(entry.name), held, newest.version);
    const isOffered = offered.some(({ version }) => version === installed);
    return [{ name: entry.name, installed, candidate, offers, held, isOffered }];
  });
}
