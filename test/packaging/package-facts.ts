import { execFileSync } from 'node:child_process';
import { buildPackages, PACKAGE_DIRECTORY } from '../../scripts/packaging/build-packages.ts';
import type { BuiltPackage, PackageName } from '../../scripts/packaging/build-packages.ts';

/** The .deb of this checkout, built when it is not there. */
export async function debOf(name: PackageName): Promise<BuiltPackage> {
  const options = { formats: ['deb'], version: null, directory: PACKAGE_DIRECTORY, force: false } as const;
  const [built] = await buildPackages({ names: [name], ...options });
  if (built === undefined) throw new Error('nothing was built');
  return built;
}

/** From 0 (confined) to 10 (a root service without any confinement), by `systemd-analyze security`. */
export function exposureOf(unitFile: string): number {
  const text = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unitFile], {
    encoding: 'utf8',
  });
  const [, score] = /Overall exposure level for \S+: ([0-9.]+)/.exec(text) ?? [];
  if (score === undefined) throw new Error(`no score in:\n${text}`);
  return Number(score);
}
