import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import { findArchive } from './archive.ts';
import { compareDebianVersions } from './debian-version.ts';
import type { DpkgEntry } from './dpkg-query.ts';

type Entries = ReadonlyMap<string, DpkgEntry>;

/** `name=version`, by which apt takes this version and no other. Names and versions cannot begin with `-` (the wire's schema). */
export function exactArguments(targets: readonly ExactPackage[]): readonly string[] {
  return targets.map((target) => `${target.name}=${target.version}`);
}

/**
 * The same, by file where it was fetched: then the installation does not depend on what the lists still offer, which matters most on
 * the way back. apt takes an argument with a slash for a file.
 */
export async function fetchedArguments(archives: string, targets: readonly ExactPackage[]): Promise<readonly string[]> {
  return Promise.all(
    targets.map(async (target) => (await findArchive(archives, target)) ?? `${target.name}=${target.version}`),
  );
}

/** Downgrades happen only when the order names an older version than the installed one. */
export function allowDowngrades(targets: readonly ExactPackage[], entries: Entries): readonly string[] {
  const goesDown = targets.some((target) => {
    const entry = entries.get(target.name);
    return entry?.present === true && compareDebianVersions(target.version, entry.version) < 0;
  });
  return goesDown ? ['--allow-downgrades'] : [];
}

/** The targets that are not yet exactly and cleanly installed. */
export function pendingTargets(targets: readonly ExactPackage[], entries: Entries): readonly ExactPackage[] {
  return targets.filter((target) => {
    const entry = entries.get(target.name);
    return entry === undefined || !entry.clean || entry.version !== target.version;
  });
}
