import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mustRun } from './command.ts';
import { TEMPORARY_DIRECTORY } from './lab-layout.ts';

/** A package made for one purpose. */
export interface SmallPackage {
  readonly name: string;
  readonly version: string;
  /** Path on the host -> content. Those below /etc that `conffiles` names are configuration files. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly conffiles?: readonly string[];
  /** Maintainer scripts by name, without their first line: `sh -e` runs them. */
  readonly scripts?: Readonly<Partial<Record<'preinst' | 'postinst' | 'prerm' | 'postrm', string>>>;
  /** Control fields besides the usual ones. */
  readonly fields?: Readonly<Record<string, string>>;
}

// A fixed time makes the same package the same file on every build, so that digests in plans stay true.
const BUILD_TIME_SECONDS = '1700000000';

/** Builds a package into the directory and returns the path of its file. */
export async function buildSmallPackage(wanted: SmallPackage, directory: string): Promise<string> {
  const { name, version, files = {}, conffiles = [], scripts = {}, fields = {} } = wanted;
  await mkdir(TEMPORARY_DIRECTORY, { recursive: true });
  const stage = await mkdtemp(join(TEMPORARY_DIRECTORY, `${name}-`));
  try {
    const control = join(stage, 'DEBIAN');
    await mkdir(control);
    await writeFile(join(control, 'control'), controlFile(name, version, fields));
    if (conffiles.length > 0)
      await writeFile(join(control, 'conffiles'), conffiles.map((path) => `${path}\n`).join(''));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(stage, path)), { recursive: true });
      await writeFile(join(stage, path), content);
    }
    await mustRun(['chmod', '-R', 'u=rwX,go=rX', stage]);
    for (const [script, text] of Object.entries(scripts))
      await writeFile(join(control, script), `#!/bin/sh\nset -e\n${text}\n`, { mode: 0o755 });
    const file = join(directory, `${name}_${version}_all.deb`);
    const environment = { SOURCE_DATE_EPOCH: BUILD_TIME_SECONDS };
    await mustRun(['dpkg-deb', '--root-owner-group', '-Zgzip', '--build', stage, file], { environment });
    return file;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

function controlFile(name: string, version: string, fields: Readonly<Record<string, string>>): string {
  const all = {
    Package: name,
    Version: version,
    Architecture: 'all',
    Priority: 'optional',
    Maintainer: 'zdms lab <root@localhost>',
    Description: 'made for a test in the zdms lab',
    ...fields,
  };
  return Object.entries(all)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
}
