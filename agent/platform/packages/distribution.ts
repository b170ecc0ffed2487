import { readFileSync } from 'node:fs';

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

/** A field of an os-release file; '' where it is missing. */
export function osReleaseField(text: string, name: string): string {
  return new RegExp(`^${name}=["']?([^"'\\n]*)["']?$`, 'm').exec(text)?.[1] ?? '';
}

export const knownDistributions: readonly string[] = Object.keys(managerOf);

/** The package manager of a distribution, by ID and then ID_LIKE of its os-release file, the closest relative first; null: none that zdms knows. */
export function packageManagerOf(osRelease: string): PackageManager | null {
  const names = [osReleaseField(osRelease, 'ID'), ...osReleaseField(osRelease, 'ID_LIKE').split(/\s+/)];
  const known = names.find((name) => Object.hasOwn(managerOf, name));
  return known === undefined ? null : managerOf[known as keyof typeof managerOf];
}

/** Of this host. */
export function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
