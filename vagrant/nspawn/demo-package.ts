import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabRole } from '../topology.ts';
import { mustRun } from './command.ts';
import { PROVISION_DIRECTORY, TEMPORARY_DIRECTORY } from './lab-layout.ts';

/** The version of its demo package that a new host has. */
export const INSTALLED_DEMO_VERSION = '1.0.0';
/** All versions that the lab's repository offers from the start. */
export const PUBLISHED_DEMO_VERSIONS = ['1.0.0', '1.1.0', '1.2.0'] as const;
/** What there is to patch in the lab: the demo service, and a package without one for hosts whose service comes from the distribution. */
export const demoPackages = ['zdemo', 'zdemo-base'] as const;
export type DemoPackage = (typeof demoPackages)[number];

// A fixed time makes the same version the same file on every build, so that digests in plans stay true.
const BUILD_TIME_SECONDS = '1700000000';
const MAINTAINER_SCRIPTS = ['postinst', 'prerm'];
const DESCRIPTIONS = {
  zdemo: { Section: 'web', Depends: 'python3, passwd, systemd', Description: 'demo web service of the zdms lab' },
  'zdemo-base': { Section: 'misc', Depends: 'systemd', Description: 'demo package without a service of the zdms lab' },
} as const satisfies Record<DemoPackage, Readonly<Record<string, string>>>;

/** The demo package that hosts of this role have; null: none. */
export function demoPackageOf(role: LabRole): DemoPackage | null {
  switch (role) {
    case 'web':
      return 'zdemo';
    case 'etcd':
      return 'zdemo-base';
    // Theirs are rpm packages, see demo-rpms.ts.
    case 'dnf':
    case 'zypper':
    case 'lb':
    case 'ctl':
      return null;
  }
}

/** Builds one of the demo packages in the given version: all files of its folder in `provision/`, and one that tells the version. */
export async function buildDemoPackage(name: DemoPackage, version: string, file: string): Promise<void> {
  const source = join(PROVISION_DIRECTORY, name);
  await mkdir(TEMPORARY_DIRECTORY, { recursive: true });
  const stage = await mkdtemp(join(TEMPORARY_DIRECTORY, `${name}-`));
  try {
    const control = await directoryIn(stage, 'DEBIAN');
    const program = await directoryIn(stage, `usr/lib/${name}`);
    await writeFile(join(program, 'version'), `${version}\n`);
    await writeFile(join(control, 'control'), controlFile(name, version));
    const files = await readdir(source);
    for (const each of files) {
      if (MAINTAINER_SCRIPTS.includes(each)) await cp(join(source, each), join(control, each));
      else if (each.endsWith('.service'))
        await cp(join(source, each), join(await directoryIn(stage, 'usr/lib/systemd/system'), each));
      else await cp(join(source, each), join(program, each));
    }
    await mustRun(['chmod', '-R', 'u=rwX,go=rX', stage]);
    const scripts = MAINTAINER_SCRIPTS.filter((each) => files.includes(each)).map((each) => join(control, each));
    await mustRun(['chmod', '755', ...scripts]);
    const environment = { SOURCE_DATE_EPOCH: BUILD_TIME_SECONDS };
    await mustRun(['dpkg-deb', '--root-owner-group', '-Zgzip', '--build', stage, file], { environment });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function directoryIn(stage: string, path: string): Promise<string> {
  const directory = join(stage, path);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  return directory;
}

function controlFile(name: DemoPackage, version: string): string {
  const fields = {
    Package: name,
    Version: version,
    Architecture: 'all',
    Priority: 'optional',
    Maintainer: 'zdms lab <root@localhost>',
    ...DESCRIPTIONS[name],
  };
  return Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
}
