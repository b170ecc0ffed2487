import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from './command.ts';

/** An rpm package to be built: what its spec file says, and the files in it by their path. */
export interface RpmDescription {
  readonly name: string;
  /** Its release is always 1. */
  readonly version: string;
  /** More lines of the preamble, such as `Requires: python3`. */
  readonly preamble?: readonly string[];
  /** Shell text that runs after the installation, with 1 for a new and 2 for an updated package. */
  readonly post?: string;
  /** The same before the removal: 0 for the last version that goes, 1 for an update. */
  readonly preun?: string;
  readonly files: Readonly<Record<string, string>>;
  /** Those of the files that a host's owner may change. */
  readonly configuration?: readonly string[];
}

// A fixed time makes the same version the same file on every build, up to its signature.
const BUILD_TIME_SECONDS = '1700000000';

const DEFINES = {
  _buildhost: 'zlab',
  _build_id_links: 'none',
  use_source_date_epoch_as_buildtime: '1',
  clamp_mtime_to_source_date_epoch: '1',
  __os_install_post: '%{nil}',
  _binary_payload: 'w6.gzdio',
};

/** The release that all versions of the lab's packages have. */
export function rpmVersion(version: string): string {
  return `${version}-1`;
}

/** Builds the package, unsigned, as `directory`/NAME-VERSION-1.noarch.rpm. */
export async function buildRpm(description: RpmDescription, directory: string): Promise<void> {
  const top = await mkdtemp(join(tmpdir(), 'zlab-rpm-'));
  try {
    const source = join(top, 'source');
    for (const [path, content] of Object.entries(description.files)) {
      await mkdir(join(source, path, '..'), { recursive: true });
      await writeFile(join(source, path), content, { mode: 0o644 });
    }
    const spec = join(top, 'package.spec');
    await writeFile(spec, specFile(description, source));
    const defines = { ...DEFINES, _topdir: top, _rpmdir: join(top, 'out'), _dbpath: join(top, 'database') };
    const options = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
    await mustRun(['rpmbuild', '-bb', '--quiet', ...options, spec], {
      environment: { SOURCE_DATE_EPOCH: BUILD_TIME_SECONDS },
    });
    const [built = ''] = (await readdir(join(top, 'out'), { recursive: true })).filter((file) => file.endsWith('.rpm'));
    await mkdir(directory, { recursive: true });
    const ready = join(directory, `.${description.name}-${description.version}`);
    await cp(join(top, 'out', built), ready);
    await rename(ready, join(directory, `${description.name}-${rpmVersion(description.version)}.noarch.rpm`));
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

function specFile(description: RpmDescription, source: string): string {
  const { name, version, preamble = [], post, preun, files, configuration = [] } = description;
  return `${[
    `Name: ${name}`,
    `Version: ${version}`,
    'Release: 1',
    'Summary: demo package of the zdms lab',
    'License: MIT',
    'BuildArch: noarch',
    'AutoReqProv: no',
    ...preamble,
    '%description',
    'A demo package of the zdms lab.',
    '%prep',
    '%build',
    '%install',
    `mkdir -p %{buildroot}`,
    `cp -a ${source}/. %{buildroot}/`,
    ...(post === undefined ? [] : ['%post', post]),
    ...(preun === undefined ? [] : ['%preun', preun]),
    '%files',
    ...Object.keys(files).map((path) => (configuration.includes(path) ? `%config(noreplace) ${path}` : path)),
  ].join('\n')}\n`;
}
