import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedByDemo } from './demo-changelog.ts';
import { INSTALLED_DEMO_VERSION, PUBLISHED_DEMO_VERSIONS } from './demo-package.ts';
import { PROVISION_DIRECTORY } from './lab-layout.ts';
import type { RpmAdvisoryText } from './rpm-index.ts';
import { buildRpm, rpmVersion } from './rpm-package.ts';
import type { RpmDescription } from './rpm-package.ts';

/** What the rpm hosts of a lab have from the start, in INSTALLED_DEMO_VERSION. */
export const demoRpms = ['zlab-base', 'zdemo', 'zstop'] as const;

/** What the repository says of versions of the demo service: the same as their changelogs as Debian packages. */
export const demoAdvisories: readonly RpmAdvisoryText[] = Object.entries(closedByDemo).map(
  ([version, { advisory, cve }]) => ({
    ...{ id: advisory.replace('DSA', 'ZLAB'), severity: 'Important', package: 'zdemo', version },
    cves: [cve],
  }),
);

function read(path: string): string {
  return readFileSync(join(PROVISION_DIRECTORY, path), 'utf8');
}

/** The demo service of the lab; its files are those of the Debian package. */
function demoService(version: string): RpmDescription {
  return {
    name: 'zdemo',
    version,
    post: read('zdemo-rpm/post'),
    preun: read('zdemo-rpm/preun'),
    files: {
      '/usr/lib/zdemo/version': `${version}\n`,
      '/usr/lib/zdemo/zdemo.py': read('zdemo/zdemo.py'),
      '/usr/lib/systemd/system/zdemo.service': read('zdemo/zdemo.service'),
    },
  };
}

/** A package whose update kills the package manager in the middle of its transaction, as a power cut would; the first time only. */
function stopper(version: string): RpmDescription {
  const kill = '[ -e /var/lib/zstop ] || { touch /var/lib/zstop; kill -9 $PPID; exit 1; }';
  const files = { '/usr/share/zstop.version': `${version}\n` };
  return { name: 'zstop', version, files, ...(version === INSTALLED_DEMO_VERSION ? {} : { post: kill }) };
}

/** Stands for the rest of a distribution: the scripts of every package need a shell. */
function base(): RpmDescription {
  return {
    name: 'zlab-base',
    version: INSTALLED_DEMO_VERSION,
    preamble: ['Provides: /bin/sh'],
    files: { '/usr/share/zlab-base.version': `${INSTALLED_DEMO_VERSION}\n` },
  };
}

/** Builds the demo service in this version. */
export function buildDemoService(version: string, directory: string): Promise<void> {
  return buildRpm(demoService(version), directory);
}

/** Builds all that the repository offers from the start. */
export async function buildDemoRpms(directory: string): Promise<void> {
  const stoppers = [INSTALLED_DEMO_VERSION, PUBLISHED_DEMO_VERSIONS[1]].map(stopper);
  await Promise.all(
    [base(), ...PUBLISHED_DEMO_VERSIONS.map(demoService), ...stoppers].map((one) => buildRpm(one, directory)),
  );
}

/** Puts the packages of a new host into the directory, as NAME.rpm. */
export async function provisionDemoRpms(directory: string): Promise<void> {
  const built = await mkdtemp(join(tmpdir(), 'zlab-rpms-'));
  try {
    const described = [base(), demoService(INSTALLED_DEMO_VERSION), stopper(INSTALLED_DEMO_VERSION)];
    await Promise.all(described.map((one) => buildRpm(one, built)));
    for (const name of demoRpms) {
      const file = `${name}-${rpmVersion(INSTALLED_DEMO_VERSION)}.noarch.rpm`;
      await copyFile(join(built, file), join(directory, `${name}.rpm`));
    }
  } finally {
    await rm(built, { recursive: true, force: true });
  }
}
