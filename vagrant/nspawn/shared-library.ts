import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mustRun } from './command.ts';
import { TEMPORARY_DIRECTORY } from './lab-layout.ts';

/** A package of a shared library without any program: what runs it keeps the old one after an update until it is restarted. */
export const LIBRARY_PACKAGE = 'zshared';
/** Where it is on a host. */
export const LIBRARY_FILE = '/usr/lib/libzshared.so.1';

// A fixed time makes the same version the same file on every build.
const BUILD_TIME_SECONDS = '1700000000';

/** Builds the library in the given version into a package. Needs gcc. */
export async function buildLibraryPackage(version: string, file: string): Promise<void> {
  await mkdir(TEMPORARY_DIRECTORY, { recursive: true });
  const directory = await mkdtemp(join(TEMPORARY_DIRECTORY, `${LIBRARY_PACKAGE}-`));
  try {
    const stage = join(directory, 'stage');
    const source = join(directory, 'library.c');
    const library = join(stage, LIBRARY_FILE);
    await mkdir(join(stage, 'DEBIAN'), { recursive: true });
    await mkdir(dirname(library), { recursive: true });
    await writeFile(source, `const char *zshared_version(void) { return "${version}"; }\n`);
    await mustRun(['gcc', '-shared', '-fPIC', '-Wl,-soname,libzshared.so.1', '-o', library, source]);
    const architecture = (await mustRun(['dpkg', '--print-architecture'])).trim();
    await writeFile(join(stage, 'DEBIAN/control'), controlFile(version, architecture));
    await mustRun(['chmod', '-R', 'u=rwX,go=rX', stage]);
    const environment = { SOURCE_DATE_EPOCH: BUILD_TIME_SECONDS };
    await mustRun(['dpkg-deb', '--root-owner-group', '-Zgzip', '--build', stage, file], { environment });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function controlFile(version: string, architecture: string): string {
  return [
    `Package: ${LIBRARY_PACKAGE}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Priority: optional',
    'Section: libs',
    'Maintainer: zdms lab <root@localhost>',
    'Description: shared library of the zdms lab',
    '',
  ].join('\n');
}
