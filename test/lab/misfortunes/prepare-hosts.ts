import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { labOffer } from '../../../vagrant/nspawn/lab.ts';
import { buildSmallPackage, type SmallPackage } from '../../../vagrant/nspawn/small-package.ts';
import type { ZdmsLab } from '../proof/zdms-lab.ts';
import { refreshSurveys } from '../proof/surveys.ts';
import { FaultyRepositories } from './faulty-repositories.ts';
import { copyPackage, onHost } from '../proof/host-shell.ts';
import { type Bench, type Misfortune, packageOf } from './misfortunes.ts';

export const OLD_VERSION = '1.0';
export const NEW_VERSION = '2.0';

/** All packages of one host: what is on it beforehand, and what its repository offers. */
interface HostPackages {
  readonly misfortune: Misfortune;
  readonly installed: readonly string[];
  readonly offered: readonly string[];
}

/**
 * Builds the packages of all misfortunes, offers them, installs the old versions on their hosts, and has those surveyed: from then on
 * the fleet is whole and has something to patch on every host.
 */
export async function prepareHosts(lab: ZdmsLab, misfortunes: readonly Misfortune[]): Promise<Bench> {
  const directory = join(lab.directory, 'packages');
  const served = join(lab.directory, 'repositories');
  for (const each of [directory, served]) mkdirSync(each, { recursive: true });
  const packages: HostPackages[] = [];
  for (const misfortune of misfortunes) packages.push(await buildFor(misfortune, join(directory, misfortune.host)));
  await labOffer(
    packages.filter(({ misfortune }) => misfortune.repository === undefined).flatMap(({ offered }) => offered),
  );
  const repositories = new FaultyRepositories(served, lab.topology.controllerAddress);
  repositories.serve();
  await Promise.all(packages.map((each) => prepareHost(each, repositories)));
  const files = packages.flatMap(({ offered }) => offered);
  await refreshSurveys(
    lab,
    misfortunes.map(({ host }) => host),
  );
  return {
    repositories,
    file(package_) {
      const found = files.find((file) => file.endsWith(`/${package_}_all.deb`));
      if (found === undefined) throw new Error(`no package ${package_} was built`);
      return found;
    },
  };
}

async function buildFor(misfortune: Misfortune, directory: string): Promise<HostPackages> {
  mkdirSync(directory, { recursive: true });
  const own = { name: packageOf(misfortune), ...misfortune.both };
  const build = (each: SmallPackage): Promise<string> => buildSmallPackage(each, directory);
  const before = await build({ ...own, ...misfortune.old, version: OLD_VERSION });
  const later = await build({ ...own, ...misfortune.new, version: NEW_VERSION });
  const beside: { readonly file: string; readonly installed: boolean }[] = [];
  for (const { installed, ...each } of misfortune.beside ?? []) beside.push({ file: await build(each), installed });
  return {
    misfortune,
    installed: [before, ...beside.filter(({ installed }) => installed).map(({ file }) => file)],
    offered: [before, later, ...beside.map(({ file }) => file)],
  };
}

async function prepareHost(
  { misfortune, installed, offered }: HostPackages,
  repositories: FaultyRepositories,
): Promise<void> {
  const { host, repository, prepare = '' } = misfortune;
  if (repository !== undefined) await repositories.giveOwn(host, offered, repository === 'mortal');
  const paths: string[] = [];
  for (const file of installed) paths.push(await copyPackage(host, file));
  await onHost(host, `dpkg --install ${paths.join(' ')}; apt-get update -q; ${prepare}`);
}
