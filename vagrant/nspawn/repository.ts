import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { mustRun } from './command.ts';
import { buildDemoPackage, demoPackages, PUBLISHED_DEMO_VERSIONS, type DemoPackage } from './demo-package.ts';
import { buildDemoRpms, buildDemoService, demoAdvisories } from './demo-rpms.ts';
import { indexRpms, signRpms, type RpmKey } from './rpm-index.ts';
import { rpmVersion } from './rpm-package.ts';
import { REPOSITORY_DIRECTORY, TEMPORARY_DIRECTORY } from './lab-layout.ts';
import { inLab } from './spawn-in-lab.ts';

// A signed apt repository, in the same layout as the distribution's own. The label tells apt's users that it holds security updates.
//   pool/PACKAGE_VERSION_all.deb   key.asc (secret, never served)   public-key.gpg
//   served -> generation-N/      swapped by a rename, so that a client never meets half a repository

export const REPOSITORY_LABEL = 'zlab-security';
const SUITE = 'lab';
const POOL = join(REPOSITORY_DIRECTORY, 'pool');
/** Only in a lab with rpm hosts. */
const RPM_POOL = join(REPOSITORY_DIRECTORY, 'rpm-pool');
/** Built and not signed yet: signing again would make another file of the same version. */
const RPM_BUILT = join(REPOSITORY_DIRECTORY, 'rpm-built');
const SECRET_KEY_FILE = join(REPOSITORY_DIRECTORY, 'key.asc');
const KEY_NAME = 'zdms lab repository';

/** The key that hosts trust, in the binary form that apt's `signed-by` wants. */
export const PUBLIC_KEY_FILE = join(REPOSITORY_DIRECTORY, 'public-key.gpg');
/** The same as text, which is what rpm wants. */
export const ARMORED_KEY_FILE = join(REPOSITORY_DIRECTORY, 'public-key.asc');
/** What the repository server serves. */
export const SERVED_DIRECTORY = join(REPOSITORY_DIRECTORY, 'served');
/** The apt source entry for hosts, in deb822 form. */
export function repositorySource(address: string, port: number, keyFile: string): string {
  return `Types: deb\nURIs: http://${address}:${String(port)}\nSuites: ${SUITE}\nComponents: main\nSigned-By: ${keyFile}\n`;
}

/** Makes a new repository with a throw-away key, the demo packages in all their first versions, and the packages in that directory; `withRpms`: for hosts of dnf and zypper too. */
export async function createRepository(offeredDirectory: string | null, withRpms: boolean): Promise<void> {
  await mkdir(POOL, { recursive: true });
  if (offeredDirectory !== null) await cp(offeredDirectory, POOL, { recursive: true });
  await withGnupg(async (gpg) => {
    await gpg(['--passphrase', '', '--quick-generate-key', KEY_NAME, 'rsa2048', 'sign', 'never']);
    await gpg(['--export', '--output', PUBLIC_KEY_FILE]);
    await gpg(['--armor', '--export', '--output', ARMORED_KEY_FILE]);
    await gpg(['--armor', '--export-secret-keys', '--output', SECRET_KEY_FILE]);
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
  await writeFile(
    join(release, 'Release'),
    await mustRun(['apt-ftparchive', ...options, 'release', '.'], { cwd: release }),
  );
  await withGnupg(async (gpg, home) => {
    await gpg(['--import', SECRET_KEY_FILE]);
    if (existsSync(RPM_BUILT)) await publishRpms(join(root, 'rpm'), { home, name: KEY_NAME });
    await gpg(['--clearsign', '--output', join(release, 'InRelease'), join(release, 'Release')]);
  });
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

/** Runs gpg in a home of its own; a short path, since it holds the agent's socket. The agent ends with it, or at the latest with the lab. */
async function withGnupg(
  work: (gpg: (argv: readonly string[]) => Promise<string>, home: string) => Promise<void>,
): Promise<void> {
  await mkdir(TEMPORARY_DIRECTORY, { recursive: true });
  const home = await mkdtemp(join(TEMPORARY_DIRECTORY, 'gnupg-'));
  try {
    await work(
      (argv) =>
        mustRun(
          inLab(['gpg', '--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', ...argv], 'machine'),
        ),
      home,
    );
  } finally {
    await mustRun(inLab(['gpgconf', '--homedir', home, '--kill', 'all'], 'machine'));
    await rm(home, { recursive: true, force: true });
  }
}
