import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { LabRole } from '../topology.ts';
import { readAptSources } from './apt-sources.ts';
import { mustRun, runCommand } from './command.ts';
import { buildDemoPackage, demoPackageOf, INSTALLED_DEMO_VERSION } from './demo-package.ts';
import { CACHE_DIRECTORY, PROVISION_DIRECTORY } from './lab-layout.ts';
import { inLab } from './spawn-in-lab.ts';

// The read-only file systems that hosts share: one base, and one layer per role on top of it. Built once, kept in the cache
// under a hash of all that goes into them, and put there by a rename, so that a half-built one is never used.

// Count it up when this file builds something else from the same inputs: the cache is keyed by it.
const RECIPE_VERSION = '1';
const BASE_PACKAGES = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'sudo',
  'curl',
  'ca-certificates',
  'iproute2',
  'procps',
  'kmod',
  'needrestart',
  'less',
  'python3',
  'nginx-light',
  'haproxy',
  'etcd-server',
  'etcd-client',
];
const LEFT_OUT = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/info/*'];
/** Those with a layer of their own: ctl is the base as it is. */
const LAYERED_ROLES = ['web', 'lb', 'etcd'] as const satisfies readonly LabRole[];
const BASE_DEADLINE_MS = 900_000;
const PARTIAL_SUFFIX = '.partial';
const PROGRESS_OF_MMDEBSTRAP =
  /^I: (running apt-get update|downloading packages|extracting archives|installing|running --customize|cleaning)/;

export interface HostSystems {
  /** The lower layers of a role's overlay, topmost first, as the mount option `lowerdir` wants them. */
  readonly layersOf: Readonly<Record<LabRole, string>>;
  readonly baseDirectory: string;
}

export interface BuildOptions {
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the shared file systems, and builds those that are missing. Throws ZDMS_LAB_OVERLAY_UNSUPPORTED and what the steps throw. */
export async function prepareHostSystems(options: BuildOptions): Promise<HostSystems> {
  await assertOverlayWorks();
  const baseKey = hashOf([RECIPE_VERSION, ...BASE_PACKAGES, ...LEFT_OUT, read('base.sh')]);
  const base = await cached(`base-${baseKey}`, (directory) => buildBase(directory, options));
  const layersOf: Record<LabRole, string> = { web: '', lb: '', etcd: '', ctl: join(base, 'root') };
  const kept = new Set([`base-${baseKey}`]);
  for (const role of LAYERED_ROLES) {
    const name = `${role}-${hashOf([baseKey, read(`${role}.sh`), ...inputsOf(role)])}`;
    const layer = await cached(name, (directory) => buildRole(role, base, directory, options));
    layersOf[role] = `${join(layer, 'upper')}:${join(base, 'root')}`;
    kept.add(name);
  }
  await removeOutdated(kept);
  return { layersOf, baseDirectory: join(base, 'root') };
}

function read(file: string): string {
  return readFileSync(join(PROVISION_DIRECTORY, file), 'utf8');
}

/** What goes into the layer of a role besides the base and its script. */
function inputsOf(role: LabRole): string[] {
  const demo = demoPackageOf(role);
  if (demo === null) return [];
  const files = readdirSync(join(PROVISION_DIRECTORY, demo)).sort();
  const site = role === 'web' ? [read('nginx-site.conf')] : [];
  return [INSTALLED_DEMO_VERSION, ...site, ...files.map((file) => read(join(demo, file)))];
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

async function cached(name: string, build: (directory: string) => Promise<void>): Promise<string> {
  const directory = join(CACHE_DIRECTORY, name);
  if (existsSync(directory)) return directory;
  const partial = directory + PARTIAL_SUFFIX;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  try {
    await build(partial);
    await rename(partial, directory);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return directory;
}

async function removeOutdated(kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(CACHE_DIRECTORY)) {
    const isOurs = /^(base|web|lb|etcd)-[0-9a-f]{12}(\.partial)?$|^overlay-probe-/.test(name);
    if (isOurs && !kept.has(name)) await rm(join(CACHE_DIRECTORY, name), { recursive: true, force: true });
  }
}

async function buildBase(directory: string, { progress, signal }: BuildOptions): Promise<void> {
  progress('building the base system of the hosts, once (1 to 3 minutes)');
  const { suite, sources, options } = await readAptSources();
  const argv = ['mmdebstrap', '--mode=root', '--variant=minbase', `--include=${BASE_PACKAGES.join(',')}`];
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
    input: read('base.sh'),
    signal,
  });
}

async function buildRole(
  role: LabRole,
  base: string,
  directory: string,
  { progress, signal }: BuildOptions,
): Promise<void> {
  progress(`building the layer of role ${role}`);
  const provision = join(directory, 'provision');
  await mkdir(provision);
  await writeFile(join(provision, `${role}.sh`), read(`${role}.sh`), { mode: 0o755 });
  if (role === 'web') await writeFile(join(provision, 'nginx-site.conf'), read('nginx-site.conf'));
  const demo = demoPackageOf(role);
  if (demo !== null) await buildDemoPackage(demo, INSTALLED_DEMO_VERSION, join(provision, `${demo}.deb`));
  const script = join(import.meta.dirname, 'build-layer.sh');
  await mustRun(inLab([script, join(base, 'root'), directory, provision, `${role}.sh`], 'machine'), { signal });
}

async function assertOverlayWorks(): Promise<void> {
  const problem = await tryOverlay().catch(String);
  if (problem === null) return;
  const next = 'set ZDMS_LAB_CACHE to a directory on a local file system such as ext4 or xfs, and run it again';
  throw new ZdmsError(
    'ZDMS_LAB_OVERLAY_UNSUPPORTED',
    `${CACHE_DIRECTORY} cannot hold overlay layers: ${problem}`,
    next,
  );
}

/** What is wrong with overlay mounts in the cache directory, or null. */
async function tryOverlay(): Promise<string | null> {
  await mkdir(CACHE_DIRECTORY, { recursive: true });
  const probe = await mkdtemp(join(CACHE_DIRECTORY, 'overlay-probe-'));
  try {
    for (const name of ['lower', 'upper', 'work', 'root']) await mkdir(join(probe, name));
    const mount = ['mount', '-t', 'overlay', 'overlay', '-o', 'lowerdir=lower,upperdir=upper,workdir=work', 'root'];
    const argv = ['unshare', '--mount', '--propagation', 'private', '--', ...mount];
    const result = await runCommand(argv, { cwd: probe });
    return result.code === 0 ? null : result.stderr.trim();
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}
