import { readFileSync } from 'node:fs';
import type { Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';
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

/** Whoever asks is told why; whatever has nothing to do with packages works all the same. */
function noPackages(osRelease: string): Packages {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new StepFailure(
        'distribution-unknown',
        `/etc/os-release (ID=${field(osRelease, 'ID')}) names none of ${Object.keys(managerOf).join(', ')}, in ID_LIKE neither`,
      ),
    );
  return {
    ...{ installed: refuse, audit: refuse, preflight: refuse, fetch: refuse },
    ...{ install: refuse, proveInstalled: refuse, survey: refuse },
  };
}

/** The packages of the host that this process runs on, by its os-release file. `archives`: where they are downloaded to. */
export function createHostPackages(
  commands: Commands,
  archives: string = defaultAptPaths.archives,
  osRelease: string = readOsRelease(),
): Packages {
  switch (packageManagerOf(osRelease)) {
    case 'apt':
      return createApt(commands, { ...defaultAptPaths, archives });
    case 'dnf':
      return createDnf(commands, { ...defaultRpmPaths, archives });
    case 'zypper':
      return createZypper(commands, { ...defaultRpmPaths, archives });
    case null:
      return noPackages(osRelease);
  }
}
