import type { Commands } from '../run-command.ts';
import type { Units } from '../units/units.ts';
import { findOldFiles } from './find-old-files.ts';
import type { Leftovers } from './leftovers.ts';
import { packageUse } from './package-use.ts';
import { restartServices } from './restart-services.ts';

/** Leftovers by what the kernel tells of processes, and restarts through systemd. */
export function createLeftovers(commands: Commands, units: Units): Leftovers {
  return {
    find: () => findOldFiles(units),
    restart: (restarts, context) => restartServices(units, restarts, context),
    use: (packages) => packageUse(commands, units, packages),
  };
}
