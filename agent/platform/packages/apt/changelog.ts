import { type AdvisoryIds, allIds, idsIn } from '../advisory-ids.ts';
import { compareDebianVersions } from './debian-version.ts';

/** One version of a source package, and what its entry names. */
export type ChangelogEntry = AdvisoryIds & { readonly version: string };

/** A changelog of a source package as far as it was read, the newest version first. */
export type Changelog = {
  readonly entries: readonly ChangelogEntry[];
  /** It was read to its end. */
  readonly whole: boolean;
};

/** Some changelogs go back for decades; a host that is this far behind is told that the rest is not known. */
const ENTRIES_MAX = 200;
/** Some 30 years of a kernel (characters). */
const TEXT_LENGTH_MAX = 4 * 1024 * 1024;

/** `openssl (3.0.17-1~deb12u2) bookworm-security; urgency=high`; nothing else begins at the left edge. */
const HEADER = /^[a-z0-9][a-z0-9+.-]{1,127} \(([0-9A-Za-z][0-9A-Za-z.+~:-]{0,127})\) /;

/** Reads a Debian changelog. Foreign text: what does not look like one gives no entries. Takes time linear in its length. */
export function parseChangelog(text: string): Changelog {
  const entries: ChangelogEntry[] = [];
  const lines = text.slice(0, TEXT_LENGTH_MAX).split('\n');
  let version: string | null = null;
  let begin = 0;
  const end = (at: number): void => {
    if (version !== null) entries.push({ version, ...idsIn(lines.slice(begin, at).join('\n')) });
  };
  for (const [at, line] of lines.entries()) {
    const [, found] = HEADER.exec(line) ?? [];
    if (found === undefined) continue;
    end(at);
    if (entries.length === ENTRIES_MAX) return { entries, whole: false };
    [version, begin] = [found, at];
  }
  end(lines.length);
  return { entries, whole: text.length <= TEXT_LENGTH_MAX };
}

/** Does it tell of this version? */
export function tellsOf({ entries }: Changelog, version: string): boolean {
  return entries.some((entry) => entry.version === version);
}

/** What the versions above `installed` up to `version` close; null where it does not go back that far. Versions of the source package. */
export function closedBetween({ entries, whole }: Changelog, installed: string, version: string): AdvisoryIds | null {
  const isOld = (entry: ChangelogEntry): boolean => compareDebianVersions(entry.version, installed) <= 0;
  if (!whole && !entries.some(isOld)) return null;
  return allIds(entries.filter((entry) => !isOld(entry) && compareDebianVersions(entry.version, version) <= 0));
}
