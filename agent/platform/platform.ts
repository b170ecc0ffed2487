import type { Boot } from './boot/boot.ts';
import { createBoot } from './boot/boot.ts';
import { createGrubTrial, type KernelTrial } from './boot/kernel-trial.ts';
import { createFileChanges } from './files/file-changes.ts';
import type { Files } from './files/files.ts';
import type { Firmware } from './firmware/firmware.ts';
import { createFwupd } from './firmware/fwupd.ts';
import { createLeftovers } from './leftovers/process-leftovers.ts';
import type { Leftovers } from './leftovers/leftovers.ts';
import type { Login } from './login/login.ts';
import { createSshd } from './login/sshd.ts';
import { loopbackAddress } from './loopback-address.ts';
import { createHostPackages } from './packages/host-packages.ts';
import type { Packages } from './packages/packages.ts';
import { createHaproxy } from './pool/haproxy.ts';
import type { Pool } from './pool/pool.ts';
import { createEtcd } from './quorum/etcd.ts';
import type { Quorum } from './quorum/quorum.ts';
import { systemCommands } from './run-command.ts';
import { createSystemdUpdaters } from './updaters/systemd-updaters.ts';
import { createBtrfs } from './snapshots/btrfs.ts';
import type { Snapshots } from './snapshots/snapshots.ts';
import type { Updaters } from './updaters/updaters.ts';
import type { Units } from './units/units.ts';
import { createUnits } from './units/units.ts';

/** Everything of a host that zdms changes or asks, behind its ports. */
export interface Platform {
  readonly packages: Packages;
  readonly boot: Boot;
  readonly kernelTrial: KernelTrial;
  readonly leftovers: Leftovers;
  readonly pool: Pool;
  readonly quorum: Quorum;
  readonly units: Units;
  readonly login: Login;
  readonly updaters: Updaters;
  readonly snapshots: Snapshots;
  readonly files: Files;
  readonly firmware: Firmware;
  /** Where this host asks its own services for their health. */
  readonly serviceAddress: string;
}

/** The platform of the host that this process runs on. `archives`: where packages are downloaded to; `self`: what starts this program. */
export function createHostPlatform(archives?: string, self?: readonly string[]): Platform {
  const units = createUnits(systemCommands);
  const boot = createBoot(systemCommands);
  return {
    packages: createHostPackages(systemCommands, archives),
    boot,
    kernelTrial: createGrubTrial(systemCommands, boot),
    leftovers: createLeftovers(systemCommands, units),
    pool: createHaproxy(),
    quorum: createEtcd(systemCommands),
    units,
    login: createSshd(systemCommands),
    updaters: createSystemdUpdaters(systemCommands),
    snapshots: createBtrfs(systemCommands),
    files: createFileChanges(systemCommands, self === undefined ? {} : { self }),
    firmware: createFwupd(systemCommands),
    serviceAddress: loopbackAddress,
  };
}
