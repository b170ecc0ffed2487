import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import type { Apt } from './apt-setting.ts';
import { findArchive } from './archive.ts';

const QUERY_TIMEOUT_MS = 60_000;
const UNPACK_TIMEOUT_MS = 120_000;

/** Path -> MD5 of the configuration files as their package brought them, from dpkg-query's `${Conffiles}`. Obsolete ones are left out. */
export function parseConffiles(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => /^ (\/.+) ([0-9a-f]{32})$/.exec(line));
  return new Map(lines.flatMap((found) => (found === null ? [] : [[found[1] ?? '', found[2] ?? ''] as const])));
}

/** dpkg's own measure of sameness. Null where the file is not there or cannot be read. */
async function md5Of(path: string): Promise<string | null> {
  return readFile(path).then(
    (content) => createHash('md5').update(content).digest('hex'),
    () => null,
  );
}

/** Configuration files that somebody changed here. One that was deleted is kept deleted by dpkg, without a question. */
async function changedHere(apt: Apt, name: string): Promise<ReadonlyMap<string, string>> {
  const argv = ['dpkg-query', '-W', '-f', '${Conffiles}\\n', name];
  const { stdout } = await apt.commands.run(argv, { timeoutMs: QUERY_TIMEOUT_MS });
  const changed = new Map<string, string>();
  for (const [path, brought] of parseConffiles(stdout)) {
    const here = await md5Of(join(apt.paths.root, path));
    if (here !== null && here !== brought) changed.set(path, brought);
  }
  return changed;
}

/** Those of them that the new package brings otherwise, and not as they already are here. Unpacks it beside its file, out of everybody's way. */
async function conflicting(apt: Apt, file: string, changed: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const directory = await mkdtemp(join(apt.paths.archives, 'conffiles-'));
  try {
    await apt.commands.run(['dpkg-deb', '--extract', file, directory], { timeoutMs: UNPACK_TIMEOUT_MS });
    const conflicts: string[] = [];
    for (const [path, brought] of changed) {
      const [comes, here] = await Promise.all([md5Of(join(directory, path)), md5Of(join(apt.paths.root, path))]);
      if (comes !== null && comes !== brought && comes !== here) conflicts.push(path);
    }
    return conflicts;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Tells beforehand where dpkg would ask a person about a configuration file: the host's own stays, and someone should merge them. */
export async function predictConffiles(
  apt: Apt,
  pending: readonly ExactPackage[],
  context: StepContext,
): Promise<void> {
  for (const target of pending) {
    const changed = await changedHere(apt, target.name);
    if (changed.size === 0) continue;
    const file = await findArchive(apt.paths.archives, target);
    for (const path of file === null ? [] : await conflicting(apt, file, changed))
      context.remark(
        `${path} was changed on this host and ${target.name} ${target.version} brings a new one: the host's own will be kept`,
      );
  }
}
