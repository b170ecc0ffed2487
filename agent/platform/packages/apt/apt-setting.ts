import type { Commands } from '../../run-command.ts';
import type { PackageLimits } from '../package-limits.ts';

export type AptPaths = {
  readonly dpkg: string;
  readonly extendedStates: string;
  /** Our own download directory: nobody else's clean-up empties it. */
  readonly archives: string;
  /** Where apt keeps what it downloads by itself, until somebody cleans up. */
  readonly aptArchives: string;
  /** What was read of changelogs, so that each is fetched once. */
  readonly changelogs: string;
  readonly root: string;
};

/** What all parts of the apt adapter work with. */
export type Apt = { readonly commands: Commands; readonly paths: AptPaths; readonly limits: PackageLimits };
