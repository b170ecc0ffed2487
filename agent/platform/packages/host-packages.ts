import type { Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';
import { createApt, defaultAptPaths } from './apt/apt.ts';
import { createDnf } from './dnf/dnf.ts';
import { knownDistributions, osReleaseField, packageManagerOf, readOsRelease } from './distribution.ts';
import type { Packages } from './packages.ts';
import { defaultRpmPaths } from './rpm/rpm-packages.ts';
import { createZypper } from './zypper/zypper.ts';

/** Whoever asks is told why; whatever has nothing to do with packages works all the same. */
function noPackages(osRelease: string): Packages {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new StepFailure(
        'distribution-unknown',
        `/etc/os-release (ID=${osReleaseField(osRelease, 'ID')}) names none of ${knownDistributions.join(', ')}, in ID_LIKE neither`,
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
