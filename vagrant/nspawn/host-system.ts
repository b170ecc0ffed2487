import { readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { LabHost, LabRole } from '../topology.ts';
import { readAptSources } from './apt-sources.ts';
import {
  BASE_PACKAGES,
  buildBase,
  cached,
  hashOf,
  LEFT_OUT,
  readProvision,
  removeOutdated,
  type BuildOptions,
} from './base-system.ts';
import { mustRun, runCommand } from './command.ts';
import { buildDemoPackage, demoPackageOf, INSTALLED_DEMO_VERSION } from './demo-package.ts';
import { provisionDemoRpms } from './demo-rpms.ts';
import { CACHE_DIRECTORY, PROVISION_DIRECTORY } from './lab-layout.ts';
import { inLab } from './spawn-in-lab.ts';

// The read-only file systems that hosts share: one base, and one layer per role on top of it. Built once, kept in the cache.

// Count it up when this file builds something else from the same inputs: the cache is keyed by it.
const RECIPE_VERSION = '1';
/** Those with a layer of their own: ctl is the base as it is. */
const LAYERED_ROLES = ['web', 'lb', 'etcd', 'dnf', 'zypper'] as const satisfies readonly LabRole[];
export interface HostSystems {
  readonly kind: 'containers';
  /** The lower layers of a role's overlay, topmost first, as the mount option `lowerdir` wants them. */
  readonly layersOf: Readonly<Record<LabRole, string>>;
  /** The same for web hosts with firmware; '' where no host has any. */
  readonly capsuleLayers: string;
  readonly baseDirectory: string;
  /** What the repository offers beyond the demo packages. */
  readonly offeredDirectory: null;
}

/** Returns the shared file systems, and builds those that are missing; what only some hosts need, where one of `hosts` does. Throws ZDMS_LAB_OVERLAY_UNSUPPORTED and what the steps throw. */
export async function prepareHostSystems(options: BuildOptions, hosts: readonly LabHost[] = []): Promise<HostSystems> {
  await assertOverlayWorks();
  const baseKey = hashOf([RECIPE_VERSION, ...BASE_PACKAGES, ...LEFT_OUT, readProvision('base.sh')]);
  const base = await cached(`base-${baseKey}`, (directory) => {
    options.progress('building the base system of the hosts, once (1 to 3 minutes)');
    return buildBase(directory, BASE_PACKAGES, options);
  });
  const layersOf: Record<LabRole, string> = { web: '', lb: '', etcd: '', dnf: '', zypper: '', ctl: join(base, 'root') };
  const kept = new Set([`base-${baseKey}`]);
  for (const role of LAYERED_ROLES) {
    const name = `${role}-${hashOf([baseKey, readProvision(`${role}.sh`), ...inputsOf(role)])}`;
    const layer = await cached(name, (directory) => buildRole(role, base, directory, options));
    layersOf[role] = `${join(layer, 'upper')}:${join(base, 'root')}`;
    kept.add(name);
  }
  const capsule = `capsule-${hashOf([layersOf.web, readProvision(CAPSULE_SCRIPT)])}`;
  const hasFirmware = hosts.some(({ firmware }) => firmware !== undefined);
  const capsuleLayers = hasFirmware ? await prepareCapsule(capsule, layersOf.web, options) : '';
  kept.add(capsule);
  await removeOutdated(['base', 'overlay', 'capsule', ...LAYERED_ROLES], kept);
  const baseDirectory = join(base, 'root');
  return { kind: 'containers', layersOf, capsuleLayers, baseDirectory, offeredDirectory: null };
}

const CAPSULE_SCRIPT = 'capsule.sh';

/** The layers below with fwupd and firmware on top of them. Its packages are too large for hosts that need none. */
async function prepareCapsule(name: string, layers: string, options: BuildOptions): Promise<string> {
  const layer = await cached(name, async (directory) => {
    const provision = join(directory, 'provision');
    await mkdir(provision, { recursive: true });
    const { sources, options: transport } = await readAptSources();
    await writeFile(join(provision, 'sources.list'), sources);
    await writeFile(join(provision, 'apt.conf'), transport.map((option) => `${option};\n`).join(''));
    await copyFile('/etc/resolv.conf', join(provision, 'resolv.conf'));
    await writeFile(join(provision, CAPSULE_SCRIPT), readProvision(CAPSULE_SCRIPT), { mode: 0o755 });
    options.progress('building the layer of hosts with firmware');
    await buildLayer(layers, directory, provision, CAPSULE_SCRIPT, options);
  });
  return `${join(layer, 'upper')}:${layers}`;
}

const RPM_PROVISION = [
  'rpm-host.sh',
  'nginx-site.conf',
  'zdemo/zdemo.py',
  'zdemo/zdemo.service',
  'zdemo-rpm/post',
  'zdemo-rpm/preun',
];

/** Is the demo service of this role an rpm package? */
export function isRpmRole(role: LabRole): boolean {
  return role === 'dnf' || role === 'zypper';
}

/** What goes into the layer of a role besides the base and its script. */
function inputsOf(role: LabRole): string[] {
  if (isRpmRole(role)) return [INSTALLED_DEMO_VERSION, ...RPM_PROVISION.map(readProvision)];
  const demo = demoPackageOf(role);
  if (demo === null) return [];
  const files = readdirSync(join(PROVISION_DIRECTORY, demo)).sort();
  const site = role === 'web' ? [readProvision('nginx-site.conf')] : [];
  return [INSTALLED_DEMO_VERSION, ...site, ...files.map((file) => readProvision(join(demo, file)))];
}

async function buildRole(role: LabRole, base: string, directory: string, options: BuildOptions): Promise<void> {
  options.progress(`building the layer of role ${role}`);
  const provision = join(directory, 'provision');
  await writeProvision(role, provision);
  await buildLayer(join(base, 'root'), directory, provision, `${role}.sh`, options);
}

/** Runs the script on top of these layers, topmost first; what it changes is in DIRECTORY/upper. */
async function buildLayer(
  layers: string,
  directory: string,
  provision: string,
  script: string,
  { signal }: BuildOptions,
): Promise<void> {
  const build = join(import.meta.dirname, 'build-layer.sh');
  await mustRun(inLab([build, layers, directory, provision, script], 'machine'), { signal });
}

/** Makes a directory with what the script of a role works with. */
export async function writeProvision(role: LabRole, provision: string): Promise<void> {
  await mkdir(provision, { recursive: true });
  await writeFile(join(provision, `${role}.sh`), readProvision(`${role}.sh`), { mode: 0o755 });
  if (isRpmRole(role)) {
    await writeFile(join(provision, 'rpm-host.sh'), readProvision('rpm-host.sh'), { mode: 0o755 });
    await provisionDemoRpms(provision);
  }
  if (role === 'web' || isRpmRole(role))
    await writeFile(join(provision, 'nginx-site.conf'), readProvision('nginx-site.conf'));
  const demo = demoPackageOf(role);
  if (demo !== null) await buildDemoPackage(demo, INSTALLED_DEMO_VERSION, join(provision, `${demo}.deb`));
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
