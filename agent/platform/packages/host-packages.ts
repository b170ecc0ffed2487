import { readFileSync } from 'node:fs';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { Commands } from '../run-command.ts';
import { createApt, defaultAptPaths } from './apt/apt.ts';
import { createDnf } from './dnf/dnf.ts';
import type { Packages } from './packages.ts';
import { defaultRpmPaths } from './rpm/rpm-packages.ts';
import { createZypper } from './zypper/zypper.ts';

const managerOf = {
  debian: 'apt',
  ubuntu: 'apt',
  fedora: 'dnf',
  rhel: 'dnf',
  centos: 'dnf',
  suse: 'zypper',
  opensuse: 'zypper',
  sles: 'zypper',
} as const;
export type PackageManager = (typeof managerOf)[keyof typeof managerOf];

function field(text: string, name: string): string {
  return new RegExp(`^${name}=["']?([^"'\\n]*)["']?$`, 'm').exec(text)?.[1] ?? '';
}

/** The package manager of a distribution, by ID and then ID_LIKE of its os-release file, the closest relative first; null: none that zdms knows. */
export function packageManagerOf(osRelease: string): PackageManager | null {
  const names = [field(osRelease, 'ID'), ...field(osRelease, 'ID_LIKE').split(/\s+/)];
  const known = names.find((name) => Object.hasOwn(managerOf, name));
  return known === undefined ? null : managerOf[known as keyof typeof managerOf];
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/** The packages of the host that this process runs on. `archives`: where they are downloaded to. Throws ZDMS_HOST_UNSUPPORTED. */
export function createHostPackages(commands: Commands, archives: string = defaultAptPaths.archives): Packages {
  const osRelease = readOsRelease();
  switch (packageManagerOf(osRelease)) {
    case 'apt':
      return createApt(commands, { ...defaultAptPaths, archives });
    case 'dnf':
      return createDnf(commands, { ...defaultRpmPaths, archives });
    case 'zypper':
      return createZypper(commands, { ...defaultRpmPaths, archives });
    case null:
      throw new ZdmsError(
        'ZDMS_HOST_UNSUPPORTED',
        `/etc/os-release of this host (ID=${field(osRelease, 'ID')}) names no distribution that zdms can patch`,
        'use zdms on Debian, Ubuntu, Fedora, RHEL, SUSE and what calls itself like them in ID_LIKE',
      );
  }
}
