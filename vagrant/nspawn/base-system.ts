import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readAptSources } from './apt-sources.ts';
import { mustRun } from './command.ts';
import { CACHE_DIRECTORY, PROVISION_DIRECTORY } from './lab-layout.ts';
import { inLab } from './spawn-in-lab.ts';

// What containers and virtual machines have in common, and the cache that it is built into: under a hash of all that goes into it,
// and put there by a rename, so that a half-built one is never used.

/** What no host needs of them. */
export const LEFT_OUT = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/info/*'];
const BASE_DEADLINE_MS = 900_000;
const PARTIAL_SUFFIX = '.partial';
const PROGRESS_OF_MMDEBSTRAP =
  /^I: (running apt-get update|downloading packages|extracting archives|installing|running --customize|cleaning)/;

export interface BuildOptions {
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The text of a file in `provision/`. */
export function readProvision(file: string): string {
  return readFileSync(join(PROVISION_DIRECTORY, file), 'utf8');
}

/** What every host has, whatever its role. */
export const BASE_PACKAGES = readProvision('packages.txt').trim().split('\n');

/** Short, for names. */
export function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/** The directory of that name in the cache, built when it is missing. */
export async function cached(name: string, build: (directory: string) => Promise<void>): Promise<string> {
  const directory = join(CACHE_DIRECTORY, name);
  if (existsSync(directory)) return directory;
  const partial = directory + PARTIAL_SUFFIX;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    await build(partial);
    await rename(partial, directory);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return directory;
}

/** Removes what the cache holds of these kinds and nobody wants any more. */
export async function removeOutdated(kinds: readonly string[], kept: ReadonlySet<string>): Promise<void> {
  const isOurs = new RegExp(`^(${kinds.join('|')})-([0-9a-f]{12}(\\.partial)?|probe-.*)$`);
  for (const name of await readdir(CACHE_DIRECTORY)) {
    if (isOurs.test(name) && !kept.has(name)) await rm(join(CACHE_DIRECTORY, name), { recursive: true, force: true });
  }
}

/** Puts the distribution with these packages into DIRECTORY/root and runs `base.sh` in it. Takes minutes. */
export async function buildBase(
  directory: string,
  packages: readonly string[],
  { progress, signal }: BuildOptions,
): Promise<void> {
  const { suite, sources, options } = await readAptSources();
  const argv = ['mmdebstrap', '--mode=root', '--variant=minbase', `--include=${packages.join(',')}`];
  argv.push('--aptopt=Apt::Install-Recommends "false"', ...options.map((option) => `--aptopt=${option}`));
  argv.push('--dpkgopt=force-unsafe-io', ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`));
  argv.push('--format=directory', suite, join(directory, 'root'), '-');
  // A mount namespace of its own: whatever ends mmdebstrap, its mounts end with it.
  await mustRun(inLab(['unshare', '--mount', '--propagation', 'private', '--', ...argv], 'machine'), {
    input: sources,
    timeoutMs: BASE_DEADLINE_MS,
    signal,
    onErrorLine: (line) => {
      if (PROGRESS_OF_MMDEBSTRAP.test(line)) progress(`  ${line.slice('I: '.length)}`);
    },
  });
  await mustRun(inLab(['chroot', join(directory, 'root'), '/bin/sh', '-s'], 'machine'), {
    input: readProvision('base.sh'),
    signal,
  });
}
