import { noIds } from '../advisory-ids.ts';
import type { PackageOffer, PackageState } from '../packages.ts';
import type { SourceOf } from './apt-records.ts';
import type { Apt } from './apt-setting.ts';
import { ChangelogCache } from './changelog-cache.ts';
import { type Changelog, closedBetween, tellsOf } from './changelog.ts';
import { compareDebianVersions } from './debian-version.ts';
import { fetchChangelogs, type WantedChangelog } from './fetch-changelogs.ts';

/** Fetched by one survey at the most; the next one goes on from there. */
const FETCHED_MAX = 60;
/** Asked for together: where nothing of a batch is to be had, this survey asks for no more. */
const BATCH_MAX = 20;
/** The newest version of a source tells of those before it; a version of another branch has a changelog of its own. */
const ROUNDS = 3;

/**
 * What newer versions close, by their changelogs: apt's lists have no ids of advisories. A changelog that is not to be had is no
 * error: then it is not known what the version closes. `fetch`: ask for those that this host has not read before.
 */
export async function withAdvisories(
  apt: Apt,
  states: readonly PackageState[],
  sourceOf: SourceOf,
  { fetch, nowMs }: { readonly fetch: boolean; readonly nowMs: number },
): Promise<readonly PackageState[]> {
  const offers = states.flatMap((state) => state.offers.filter((offer) => isNewer(offer, state)));
  if (offers.length === 0) return states;
  const cache = await ChangelogCache.open(apt.paths.changelogs, nowMs);
  const bySource = wantedBySource(states, sourceOf);
  if (fetch) await readChangelogs(apt, bySource, cache);
  await cache.save();
  const known = new Map(Array.from(bySource, ([source, versions]) => [source, knownOf(versions, cache)]));
  return states.map((state) => ({
    ...state,
    offers: state.offers.map((offer) => (isNewer(offer, state) ? judged(offer, state, sourceOf, known) : offer)),
  }));
}

/** Binary packages may have versions of their own; a changelog has those of the source. */
function judged(
  offer: PackageOffer,
  { name, installed }: PackageState,
  sourceOf: SourceOf,
  known: ReadonlyMap<string, readonly Changelog[]>,
): PackageOffer {
  const [from, to] = [sourceOf(name, installed), sourceOf(name, offer.version)];
  const changelog = known.get(to.name)?.find((each) => tellsOf(each, to.version));
  if (changelog === undefined || from.name !== to.name) return offer;
  const closed = closedBetween(changelog, from.version, to.version);
  return { ...offer, ...(closed ?? noIds), advisoriesKnown: closed !== null };
}

function isNewer({ version }: PackageOffer, { installed }: PackageState): boolean {
  return compareDebianVersions(version, installed) > 0;
}

/** Versions of each source that are on offer and newer than what is installed, the newest first, each once. */
function wantedBySource(
  states: readonly PackageState[],
  sourceOf: SourceOf,
): ReadonlyMap<string, readonly WantedChangelog[]> {
  const bySource = new Map<string, Map<string, WantedChangelog>>();
  for (const state of states) {
    for (const { version } of state.offers.filter((offer) => isNewer(offer, state))) {
      const source = sourceOf(state.name, version);
      const versions = bySource.get(source.name) ?? new Map<string, WantedChangelog>();
      bySource.set(source.name, versions);
      const argument = `${state.name}=${version}`;
      versions.set(source.version, { source: source.name, version: source.version, argument });
    }
  }
  return new Map(
    Array.from(bySource, ([source, versions]) => [
      source,
      [...versions.values()].toSorted((a, b) => compareDebianVersions(b.version, a.version)),
    ]),
  );
}

async function readChangelogs(
  apt: Apt,
  bySource: ReadonlyMap<string, readonly WantedChangelog[]>,
  cache: ChangelogCache,
): Promise<void> {
  let left = FETCHED_MAX;
  for (let round = 0; round < ROUNDS && left > 0; round += 1) {
    const next = [...bySource.values()].flatMap((versions) => nextOf(versions, cache) ?? []).slice(0, left);
    left -= next.length;
    for (let at = 0; at < next.length; at += BATCH_MAX) {
      const batch = next.slice(at, at + BATCH_MAX);
      const found = await fetchChangelogs(apt, batch);
      for (const { source, version } of batch) cache.add(source, version, found.get(source) ?? null);
      if (found.size === 0) return;
    }
  }
}

/** The newest version that no changelog tells of, unless it was asked for already. */
function nextOf(versions: readonly WantedChangelog[], cache: ChangelogCache): WantedChangelog | undefined {
  const known = knownOf(versions, cache);
  return versions.find(
    ({ source, version }) => cache.find(source, version) === undefined && !known.some((each) => tellsOf(each, version)),
  );
}

function knownOf(versions: readonly WantedChangelog[], cache: ChangelogCache): readonly Changelog[] {
  return versions.flatMap(({ source, version }) => cache.find(source, version) ?? []);
}
