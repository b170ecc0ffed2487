import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './command.ts';
import { PROVISION_DIRECTORY, TEMPORARY_DIRECTORY } from './lab-layout.ts';

/** The version of zdemo that a new web host has. */
export const INSTALLED_DEMO_VERSION = '1.0.0';
/** All versions that the lab's repository offers from the start. */
export const PUBLISHED_DEMO_VERSIONS = ['1.0.0', '1.1.0', '1.2.0'] as const;

// A fixed time makes the same version the same file on every build, so that digests in plans stay true.
const BUILD_TIME_SECONDS = '1700000000';

/** Builds the package `zdemo` in the given version. */
export async function buildDemoPackage(version: string, file: string): Promise<void> {
  const source = join(PROVISION_DIRECTORY, 'zdemo');
  await mkdir(TEMPORARY_DIRECTORY, { recursive: true });
  const stage = await mkdtemp(join(TEMPORARY_DIRECTORY, 'zdemo-'));
  try {
    const directories = ['DEBIAN', 'usr/lib/zdemo', 'usr/lib/systemd/system'].map((name) => join(stage, name));
    for (const directory of directories) await mkdir(directory, { recursive: true, mode: 0o755 });
    const [debian = '', program = '', units = ''] = directories;
    await cp(join(source, 'zdemo.py'), join(program, 'zdemo.py'));
    await writeFile(join(program, 'version'), `${version}\n`);
    await cp(join(source, 'zdemo.service'), join(units, 'zdemo.service'));
    await writeFile(join(debian, 'control'), controlFile(version));
    for (const script of ['postinst', 'prerm']) await cp(join(source, script), join(debian, script));
    await mustRun(['chmod', '-R', 'u=rwX,go=rX', stage]);
    await mustRun(['chmod', '755', join(debian, 'postinst'), join(debian, 'prerm')]);
    const environment = { SOURCE_DATE_EPOCH: BUILD_TIME_SECONDS };
    await mustRun(['dpkg-deb', '--root-owner-group', '-Zgzip', '--build', stage, file], { environment });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

function controlFile(version: string): string {
  const fields = {
    Package: 'zdemo',
    Version: version,
    Architecture: 'all',
    Section: 'web',
    Priority: 'optional',
    Maintainer: 'zdms lab <root@localhost>',
    Depends: 'python3, passwd, systemd',
    Description: 'demo web service of the zdms lab',
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}
