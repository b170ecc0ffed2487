import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageContents } from './package-contents.ts';

/** The moments that a package has something to do at, as shell text; each is told in scripts/ of its packaging. */
export interface MaintainerScripts {
  /** After the files are in place. `$first`: yes, or no on an upgrade. */
  readonly install: string;
  /** Before the files go, not on an upgrade. */
  readonly remove: string;
  /** After they are gone. */
  readonly removed: string;
  /** Away with users, keys, and state. */
  readonly purge: string;
}

export async function readMaintainerScripts(checkout: string, contents: PackageContents): Promise<MaintainerScripts> {
  const read = (name: string): Promise<string> => readFile(join(checkout, contents.packaging, 'scripts', name), 'utf8');
  const [install, remove, removed, purge] = await Promise.all(['install', 'remove', 'removed', 'purge'].map(read));
  return { install: install ?? '', remove: remove ?? '', removed: removed ?? '', purge: purge ?? '' };
}
