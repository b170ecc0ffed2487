import type { Boot } from './boot/boot.ts';
import { createBoot } from './boot/boot.ts';
import { createApt, defaultAptPaths } from './packages/apt.ts';
import type { Packages } from './packages/packages.ts';
import { createHaproxy } from './pool/haproxy.ts';
import type { Pool } from './pool/pool.ts';
import { systemCommands } from './run-command.ts';
import type { Units } from './units/units.ts';
import { createUnits } from './units/units.ts';

/** Everything of a host that zdms changes or asks, behind its ports. */
export interface Platform {
  readonly packages: Packages;
  readonly boot: Boot;
  readonly pool: Pool;
  readonly units: Units;
}

/** The platform of the host that this process runs on. `archives`: where packages are downloaded to. */
export function createHostPlatform(archives: string = defaultAptPaths.archives): Platform {
  return {
    packages: createApt(systemCommands, { ...defaultAptPaths, archives }),
    boot: createBoot(systemCommands),
    pool: createHaproxy(),
    units: createUnits(systemCommands),
  };
}
