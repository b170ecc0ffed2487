import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { changelogPath, demoChangelog } from './demo-changelog.ts';
import { buildDemoPackage, demoPackages, PUBLISHED_DEMO_VERSIONS, type DemoPackage } from './demo-package.ts';
import { buildDemoRpms, buildDemoService, demoAdvisories } from './demo-rpms.ts';
import { indexRpms, signRpms, type RpmKey } from './rpm-index.ts';
import { rpmVersion } from './rpm-package.ts';
import { REPOSITORY_DIRECTORY } from './lab-layout.ts';
import { buildLibraryPackage, LIBRARY_PACKAGE } from './shared-library.ts';
import { makeSignedRepository, makeSigningKey, SUITE, type SigningKey, withSigningKey } from './signed-repository.ts';

// A signed apt repository, in the same layout as the distribution's own. The label tells apt's users that it holds security updates.
//   base-uri (how hosts reach it)   pool/PACKAGE_VERSION_all.deb   key.asc (secret, never served)   public-key.gpg
//   served -> generation-N/      swapped by a rename, so that a client never meets half a repository

const POOL = join(REPOSITORY_DIRECTORY, 'pool');
const BASE_URI_FILE = join(REPOSITORY_DIRECTORY, 'base-uri');
/** Only in a lab with rpm hosts. */
const RPM_POOL = join(REPOSITORY_DIRECTORY, 'rpm-pool');
/** Built and not signed yet: signing again would make another file of the same version. */
const RPM_BUILT = join(REPOSITORY_DIRECTORY, 'rpm-built');
const KEY_NAME = 'zdms lab repository';

/** The key that hosts trust, in the binary form that apt's `signed-by` wants. */
export const PUBLIC_KEY_FILE = join(REPOSITORY_DIRECTORY, 'public-key.gpg');
/** The key that signs the lab's repository. */
export const REPOSITORY_KEY: SigningKey = {
  secretFile: join(REPOSITORY_DIRECTORY, 'key.asc'),
  publicFile: PUBLIC_KEY_FILE,
};
/** The same as text, which is what rpm wants. */
export const ARMORED_KEY_FILE = join(REPOSITORY_DIRECTORY, 'public-key.asc');
/** What the repository server serves. */
export const SERVED_DIRECTORY = join(REPOSITORY_DIRECTORY, 'served');
/** The apt source entry for hosts, in deb822 form. */
export function repositorySource(address: string, port: number, keyFile: string): string {
  return `Types: deb\nURIs: ${baseUri(address, port)}\nSuites: ${SUITE}\nComponents: main\nSigned-By: ${keyFile}\n`;
}

function baseUri(address: string, port: number): string {
  return `http://${address}:${String(port)}`;
}

export interface Offered {
  /** Packages in this directory are offered too. */
  readonly offeredDirectory: string | null;
  /** For hosts of dnf and zypper too. */
  readonly withRpms: boolean;
}

/** Makes a new repository with a throw-away key and the demo packages in all their first versions. */
export async function createRepository(
  address: string,
  port: number,
  { offeredDirectory, withRpms }: Offered,
): Promise<void> {
  await mkdir(POOL, { recursive: true });
  await writeFile(BASE_URI_FILE, baseUri(address, port));
  if (offeredDirectory !== null) await cp(offeredDirectory, POOL, { recursive: true });
  await makeSigningKey(KEY_NAME, REPOSITORY_KEY);
  await withSigningKey(REPOSITORY_KEY, async (gpg) => {
    await gpg(['--armor', '--export', '--output', ARMORED_KEY_FILE]);
  });
  await Promise.all(PUBLISHED_DEMO_VERSIONS.map(buildDemoPackages));
  if (withRpms) await buildDemoRpms(RPM_BUILT);
  await publish();
}

/** Adds a version of the demo packages to the repository. Again: no change. */
export async function publishDemo(version: string): Promise<void> {
  if (!/^[0-9][0-9A-Za-z.+~-]*$/.test(version)) {
    throw new ZdmsError('ZDMS_LAB_VERSION_INVALID', `'${version}' is no package version`, 'use one such as 1.3.0');
  }
  await buildDemoPackages(version);
  if (existsSync(RPM_POOL)) await buildDemoService(version, RPM_BUILT);
  await publish();
}

/** Adds a version of the lab's shared library to the repository, which has none from the start. Again: no change. */
export async function publishLibrary(version: string): Promise<void> {
  await buildLibraryPackage(version, join(POOL, `${LIBRARY_PACKAGE}_${version}.deb`));
  await publish();
}

/** Adds these package files to the repository, or puts them in the place of those with the same names. */
export async function offerPackages(files: readonly string[]): Promise<void> {
  for (const file of files) await copyFile(file, join(POOL, basename(file)));
  await publish();
}

/** Takes a version of the demo packages out of the repository. */
export async function withdrawDemo(version: string): Promise<void> {
  if (!existsSync(demoFile('zdemo', version))) {
    throw new ZdmsError(
      'ZDMS_LAB_VERSION_UNKNOWN',
      `the repository has no zdemo ${version}`,
      `it has ${(await publishedVersions()).join(' ')}`,
    );
  }
  await Promise.all(demoPackages.map((name) => rm(demoFile(name, version))));
  await rm(join(RPM_POOL, `zdemo-${rpmVersion(version)}.noarch.rpm`), { force: true });
  await publish();
}

async function buildDemoPackages(version: string): Promise<void> {
  await Promise.all(demoPackages.map((name) => buildDemoPackage(name, version, demoFile(name, version))));
}

function demoFile(name: DemoPackage, version: string): string {
  return join(POOL, `${name}_${version}_all.deb`);
}

async function publishedVersions(): Promise<string[]> {
  const files = await readdir(POOL);
  return files.flatMap((file) => /^zdemo_(.+)_all\.deb$/.exec(file)?.[1] ?? []).sort();
}

/** The changelogs of all versions of the demo packages, where the Release file says. */
async function writeChangelogs(root: string): Promise<void> {
  const versions = (await publishedVersions()).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  for (const name of demoPackages) {
    for (const [at, version] of versions.entries()) {
      const file = join(root, 'changelogs', changelogPath(name, version));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, demoChangelog(name, versions.slice(0, at + 1)));
    }
  }
}

async function publish(): Promise<void> {
  const name = `generation-${String(Date.now())}`;
  const directory = join(REPOSITORY_DIRECTORY, name);
  const packageFiles = (await readdir(POOL)).map((file) => join(POOL, file));
  const fields = { Changelogs: `${await readFile(BASE_URI_FILE, 'utf8')}/changelogs/@CHANGEPATH@_changelog` };
  await makeSignedRepository({ directory, packageFiles, key: REPOSITORY_KEY, fields });
  await writeChangelogs(directory);
  if (existsSync(RPM_BUILT)) {
    await withSigningKey(REPOSITORY_KEY, async (_gpg, home) => {
      await publishRpms(join(directory, 'rpm'), { home, name: KEY_NAME });
    });
  }
  await serve(name);
}

async function publishRpms(directory: string, key: RpmKey): Promise<void> {
  await signRpms(RPM_BUILT, key);
  await mkdir(RPM_POOL, { recursive: true });
  for (const file of await readdir(RPM_BUILT)) await rename(join(RPM_BUILT, file), join(RPM_POOL, file));
  await cp(RPM_POOL, directory, { recursive: true });
  await indexRpms(directory, demoAdvisories, key, await readFile(ARMORED_KEY_FILE, 'utf8'));
}

async function serve(name: string): Promise<void> {
  const next = `${SERVED_DIRECTORY}.next`;
  await rm(next, { force: true });
  await symlink(name, next);
  await rename(next, SERVED_DIRECTORY);
  for (const entry of await readdir(REPOSITORY_DIRECTORY)) {
    if (entry.startsWith('generation-') && entry !== name)
      await rm(join(REPOSITORY_DIRECTORY, entry), { recursive: true });
  }
}
