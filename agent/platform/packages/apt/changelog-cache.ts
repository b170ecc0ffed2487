import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../../write-file-atomically.ts';
import type { Changelog } from './changelog.ts';

/** What is kept of one changelog; null: it was not to be had. Keys are `SOURCE VERSION`. */
type Kept = { readonly changelog: Changelog | null; readonly readAtMs: number; readonly usedAtMs: number };

/** Changelogs of security updates often come a while after the packages (ms). */
const MISSING_FOR_MS = 6 * 3_600_000;
/** A version that nobody offers any more is asked for no more (ms). */
const UNUSED_FOR_MS = 30 * 24 * 3_600_000;
/** So many together are a few megabytes at the most. */
const KEPT_MAX = 500;
const KEPT_IDS_MAX = 100_000;

/** The changelogs that this host has read, in one file: each is fetched once. A file that cannot be read is begun anew. */
export class ChangelogCache {
  readonly #file: string;
  readonly #kept: Map<string, Kept>;
  readonly #nowMs: number;

  static async open(file: string, nowMs: number): Promise<ChangelogCache> {
    const kept = await readFile(file, 'utf8')
      .then((text) => Object.entries(JSON.parse(text) as Record<string, Kept>))
      .catch((): [string, Kept][] => []);
    return new ChangelogCache(file, new Map(kept), nowMs);
  }

  private constructor(file: string, kept: Map<string, Kept>, nowMs: number) {
    this.#file = file;
    this.#kept = kept;
    this.#nowMs = nowMs;
  }

  /** Null: it was not to be had lately. Undefined: nobody has asked, or long ago. */
  find(source: string, version: string): Changelog | null | undefined {
    const key = `${source} ${version}`;
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (kept.changelog === null && this.#nowMs - kept.readAtMs > MISSING_FOR_MS) return undefined;
    this.#kept.set(key, { ...kept, usedAtMs: this.#nowMs });
    return kept.changelog;
  }

  add(source: string, version: string, changelog: Changelog | null): void {
    this.#kept.set(`${source} ${version}`, { changelog, readAtMs: this.#nowMs, usedAtMs: this.#nowMs });
  }

  /** Writes what was used lately, as far as it has room. */
  async save(): Promise<void> {
    const recent = [...this.#kept]
      .filter(([, { usedAtMs }]) => this.#nowMs - usedAtMs <= UNUSED_FOR_MS)
      .toSorted(([, a], [, b]) => b.usedAtMs - a.usedAtMs);
    let ids = 0;
    const fitting = recent.slice(0, KEPT_MAX).filter(([, { changelog }]) => (ids += sizeOf(changelog)) <= KEPT_IDS_MAX);
    await writeFileAtomically(this.#file, JSON.stringify(Object.fromEntries(fitting)), { mode: 0o644 });
  }
}

/** Entries count as well as ids: an entry without any has its version. */
function sizeOf(changelog: Changelog | null): number {
  return (changelog?.entries ?? []).reduce((sum, entry) => sum + 1 + entry.advisories.length + entry.cves.length, 0);
}
