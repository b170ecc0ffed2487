import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mustRun } from './command.ts';
import { TEMPORARY_DIRECTORY } from './lab-layout.ts';
import { inLab } from './spawn-in-lab.ts';

// Signed apt repositories in the layout of the distribution's own: DIRECTORY/dists/lab and DIRECTORY/pool.

const REPOSITORY_LABEL = 'zlab-security';
export const SUITE = 'lab';

/** The two halves of a signing key: what signs, and (in the binary form of apt's `signed-by`) what hosts trust. */
export interface SigningKey {
  readonly secretFile: string;
  readonly publicFile: string;
}

export interface SignedRepository {
  /** Made anew. */
  readonly directory: string;
  readonly packageFiles: readonly string[];
  readonly key: SigningKey;
  /** Fields of its Release file besides the usual ones, for example Valid-Until. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What the signer's clock says, as gpg's --faked-system-time wants it; default: the time. */
  readonly signedAt?: string;
}

/** Makes a signing key. With `madeAt` (see `signedAt`) it is valid for a year from then on, else for ever. */
export async function makeSigningKey(name: string, key: SigningKey, madeAt?: string): Promise<void> {
  await withGnupg(async (gpg) => {
    const clock = madeAt === undefined ? [] : ['--faked-system-time', madeAt];
    const validity = madeAt === undefined ? 'never' : '1y';
    await gpg([...clock, '--passphrase', '', '--quick-generate-key', name, 'rsa2048', 'sign', validity]);
    await gpg(['--yes', '--export', '--output', key.publicFile]);
    await gpg(['--yes', '--armor', '--export-secret-keys', '--output', key.secretFile]);
  });
}

/** Makes a repository of these packages. Not in one moment: see `serve` in repository.ts for one that is in use. */
export async function makeSignedRepository(repository: SignedRepository): Promise<void> {
  const { directory, packageFiles, key, fields = {}, signedAt } = repository;
  await rm(directory, { recursive: true, force: true });
  const architecture = (await mustRun(['dpkg', '--print-architecture'])).trim();
  const release = join(directory, 'dists', SUITE);
  const index = join(release, 'main', `binary-${architecture}`);
  await mkdir(index, { recursive: true });
  await mkdir(join(directory, 'pool'));
  for (const file of packageFiles) await copyFile(file, join(directory, 'pool', basename(file)));
  await writeFile(join(index, 'Packages'), await mustRun(['apt-ftparchive', 'packages', 'pool'], { cwd: directory }));
  const usual = { Origin: 'zlab', Label: REPOSITORY_LABEL, Suite: SUITE, Codename: SUITE, Components: 'main' };
  const options = Object.entries({ ...usual, Architectures: architecture }).flatMap(([field, value]) => [
    '-o',
    `APT::FTPArchive::Release::${field}=${value}`,
  ]);
  const written = await mustRun(['apt-ftparchive', ...options, 'release', '.'], { cwd: release });
  const more = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`);
  await writeFile(join(release, 'Release'), more.join('') + written);
  await withSigningKey(key, async (gpg) => {
    const clock = signedAt === undefined ? [] : ['--faked-system-time', signedAt];
    await gpg([...clock, '--clearsign', '--output', join(release, 'InRelease'), join(release, 'Release')]);
  });
}

/** Runs gpg in a home that has this key. */
export async function withSigningKey(key: SigningKey, work: (gpg: Gpg, home: string) => Promise<void>): Promise<void> {
  await withGnupg(async (gpg, home) => {
    await gpg(['--import', key.secretFile]);
    await work(gpg, home);
  });
}

type Gpg = (argv: readonly string[]) => Promise<string>;

/** Runs gpg in a home of its own; a short path, since it holds the agent's socket. The agent ends with it, or at the latest with the lab. */
async function withGnupg(work: (gpg: Gpg, home: string) => Promise<void>): Promise<void> {
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
