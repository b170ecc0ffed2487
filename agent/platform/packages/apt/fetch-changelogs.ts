import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Apt } from './apt-setting.ts';
import { aptEnvironment } from './apt-arguments.ts';
import { type Changelog, parseChangelog } from './changelog.ts';

/** A changelog to be had: by a binary package of that source in exactly that version. */
export type WantedChangelog = { readonly source: string; readonly version: string; readonly argument: string };

/** A firewall that swallows what goes to the archive costs a survey this much and no more (ms). */
const DOWNLOAD_TIMEOUT_MS = 60_000;
/** apt downloads into a directory of its own there and renames from that, which does not work across file systems (and /tmp may be one). */
const TEMPORARY_DIRECTORY = '/tmp';
/** The newest entries are first, and what is beyond is cut off (bytes). */
const READ_BYTES_MAX = 4 * 1024 * 1024;
const OPTIONS = ['-q', '-d', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=30'] as const;

/**
 * Downloads changelogs from where the Release files of their repositories say, one for each source package. Never rejects: those that
 * are not in the answer were not to be had (apt's exit code is of no use, for it fails as a whole).
 */
export async function fetchChangelogs(
  apt: Apt,
  wanted: readonly WantedChangelog[],
): Promise<ReadonlyMap<string, Changelog>> {
  const directory = await mkdtemp(join(TEMPORARY_DIRECTORY, 'zdms-changelogs-'));
  try {
    await apt.commands.run(['apt-get', ...OPTIONS, 'changelog', ...wanted.map((each) => each.argument)], {
      environment: aptEnvironment,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
      workingDirectory: directory,
    });
    const found = new Map<string, Changelog>();
    for (const { source } of wanted) {
      const text = await readHead(join(directory, `${source}.changelog`));
      if (text !== null) found.set(source, parseChangelog(text));
    }
    return found;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The first bytes of a file as text; null where there is none. */
async function readHead(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  try {
    const buffer = Buffer.alloc(Math.min((await file.stat()).size, READ_BYTES_MAX + 1));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
