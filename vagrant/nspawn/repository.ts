import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { mustRun } from './command.ts';
import { changelogPath, demoChangelog } from './demo-changelog.ts';
import { buildDemoPackage, demoPackages, PUBLISHED_DEMO_VERSIONS, type DemoPackage } from './demo-package.ts';
import { REPOSITORY_DIRECTORY, TEMPORARY_DIRECTORY } from './lab-layout.ts';
import { buildLibraryPackage, LIBRARY_PACKAGE } from './shared-library.ts';
import { inLab } from './spawn-in-lab.ts';

// A signed apt repository, in the same layout as the distribution's own. The label tells apt's users that it holds security updates.
//   base-uri (how hosts reach it)   pool/PACKAGE_VERSION_all.deb   key.asc (secret, never served)   public-key.gpg
//   served -> generation-N/      swapped by a rename, so that a client never meets half a repository

export const REPOSITORY_LABEL = 'zlab-security';
const SUITE = 'lab';
const POOL = join(REPOSITORY_DIRECTORY, 'pool');
const SECRET_KEY_FILE = join(REPOSITORY_DIRECTORY, 'key.asc');
const BASE_URI_FILE = join(REPOSITORY_DIRECTORY, 'base-uri');
const KEY_NAME = 'zdms lab repository';

/** The key that hosts trust, in the binary form that apt's `signed-by` wants. */
export const PUBLIC_KEY_FILE = join(REPOSITORY_DIRECTORY, 'public-key.gpg');
/** What the repository server serves. */
export const SERVED_DIRECTORY = join(REPOSITORY_DIRECTORY, 'served');
/** The apt source entry for hosts, in deb822 form. */
export function repositorySource(address: string, port: number, keyFile: string): string {
  return `Types: deb\nURIs: ${baseUri(address, port)}\nSuites: ${SUITE}\nComponents: main\nSigned-By: ${keyFile}\n`;
}

function baseUri(address: string, port: number): string {
  return `http://${address}:${String(port)}`;
}

/** Makes a new repository with a throw-away key, the demo packages in all their first versions, and the packages in that directory. */
export async function createRepository(address: string, port: number, offeredDirectory: string | null): Promise<void> {
  await mkdir(POOL, { recursive: true });
  await writeFile(BASE_URI_FILE, baseUri(address, port));
  if (offeredDirectory !== null) await cp(offeredDirectory, POOL, { recursive: true });
  await withGnupg(async (gpg) => {
    await gpg(['--passphrase', '', '--quick-generate-key', KEY_NAME, 'ed25519', 'sign', 'never']);
    await gpg(['--export', '--output', PUBLIC_KEY_FILE]);
    await gpg(['--armor', '--export-secret-keys', '--output', SECRET_KEY_FILE]);
  });
  await Promise.all(PUBLISHED_DEMO_VERSIONS.map(buildDemoPackages));
  await publish();
}

/** Adds a version of the demo packages to the repository. Again: no change. */
export async function publishDemo(version: string): Promise<void> {
  if (!/^[0-9][0-9A-Za-z.+~-]*$/.test(version)) {
    throw new ZdmsError('ZDMS_LAB_VERSION_INVALID', `'${version}' is no package version`, 'use one such as 1.3.0');
  }
  await buildDemoPackages(version);
  await publish();
}

/** Adds a version of the lab's shared library to the repository, which has none from the start. Again: no change. */
export async function publishLibrary(version: string): Promise<void> {
  await buildLibraryPackage(version, join(POOL, `${LIBRARY_PACKAGE}_${version}.deb`));
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
  const root = join(REPOSITORY_DIRECTORY, name);
  const architecture = (await mustRun(['dpkg', '--print-architecture'])).trim();
  const release = join(root, 'dists', SUITE);
  const index = join(release, 'main', `binary-${architecture}`);
  await mkdir(index, { recursive: true });
  await mkdir(join(root, 'pool'));
  for (const file of await readdir(POOL)) await copyFile(join(POOL, file), join(root, 'pool', file));
  await writeFile(join(index, 'Packages'), await mustRun(['apt-ftparchive', 'packages', 'pool'], { cwd: root }));
  const fields = {
    Origin: 'zlab',
    Label: REPOSITORY_LABEL,
    Suite: SUITE,
    Codename: SUITE,
    Components: 'main',
    Architectures: architecture,
  };
  const options = Object.entries(fields).flatMap(([field, value]) => [
    '-o',
    `APT::FTPArchive::Release::${field}=${value}`,
  ]);
  await writeChangelogs(root);
  // apt-ftparchive does not know this field.
  const changelogs = `Changelogs: ${await readFile(BASE_URI_FILE, 'utf8')}/changelogs/@CHANGEPATH@_changelog\n`;
  const described = await mustRun(['apt-ftparchive', ...options, 'release', '.'], { cwd: release });
  await writeFile(join(release, 'Release'), changelogs + described);
  await withGnupg(async (gpg) => {
    await gpg(['--import', SECRET_KEY_FILE]);
    await gpg(['--clearsign', '--output', join(release, 'InRelease'), join(release, 'Release')]);
  });
  await serve(name);
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

/** Runs gpg in a home of its own; a short path, since it holds the agent's socket. The agent ends with it, or at the latest with the lab. */
async function withGnupg(work: (gpg: (argv: readonly string[]) => Promise<string>) => Promise<void>): Promise<void> {
  await mkdir(TEMPORARY_DIRECTORY, { recursive: true });
  const home = await mkdtemp(join(TEMPORARY_DIRECTORY, 'gnupg-'));
  try {
    await work((argv) =>
      mustRun(
        inLab(['gpg', '--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', ...argv], 'machine'),
      ),
    );
  } finally {
    await mustRun(inLab(['gpgconf', '--homedir', home, '--kill', 'all'], 'machine'));
    await rm(home, { recursive: true, force: true });
  }
}
