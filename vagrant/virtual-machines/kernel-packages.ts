import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { mustRun } from '../nspawn/command.ts';
import { TEMPORARY_DIRECTORY } from '../nspawn/lab-layout.ts';

/** Depends on the real kernel, as the distribution's own `linux-image-cloud-amd64` does. */
export const KERNEL_PACKAGE = 'linux-image-lab';

/** A kernel of the distribution. `version` is that of the lab's KERNEL_PACKAGE that brings it. */
export interface Kernel {
  readonly release: string;
  readonly version: string;
}

/** The kernel that virtual machines start with, and the newer one that they can be patched to. */
export interface KernelPair {
  readonly installed: Kernel;
  readonly offered: Kernel;
}

/** The two newest cloud kernels of the distribution. Throws ZDMS_LAB_NO_KERNELS. */
export async function readKernelPair(): Promise<KernelPair> {
  const names = (await mustRun(['apt-cache', 'pkgnames', 'linux-image-'])).split('\n');
  const [offered, installed] = newestFirst(names);
  if (offered === undefined || installed === undefined)
    throw new ZdmsError('ZDMS_LAB_NO_KERNELS', 'apt knows fewer than two cloud kernels', 'run `apt-get update`');
  return { installed, offered };
}

/** The cloud kernels among these names of packages. */
export function newestFirst(names: readonly string[]): readonly Kernel[] {
  const kernels = names.flatMap((name) => {
    const [, release, version] = /^linux-image-((\d[\d.]*-\d+)-cloud-[a-z0-9]+)$/.exec(name) ?? [];
    return release === undefined || version === undefined ? [] : [{ release, version: version.replace('-', '.') }];
  });
  return kernels.sort((one, other) => other.version.localeCompare(one.version, 'en', { numeric: true }));
}

/** The package of the distribution that holds the kernel. */
export function packageOf(kernel: Kernel): string {
  return `linux-image-${kernel.release}`;
}

/** Builds the lab's KERNEL_PACKAGE that brings this kernel, into a directory. Returns its file. */
export async function buildKernelPackage(kernel: Kernel, directory: string): Promise<string> {
  await mkdir(TEMPORARY_DIRECTORY, { recursive: true });
  const stage = await mkdtemp(join(TEMPORARY_DIRECTORY, 'kernel-'));
  const file = join(directory, `${KERNEL_PACKAGE}_${kernel.version}_all.deb`);
  const control = [
    `Package: ${KERNEL_PACKAGE}`,
    `Version: ${kernel.version}`,
    'Architecture: all',
    'Section: kernel',
    'Priority: optional',
    'Maintainer: zdms lab <root@localhost>',
    `Depends: ${packageOf(kernel)}`,
    'Description: the newest kernel of the zdms lab',
  ];
  try {
    await mkdir(join(stage, 'DEBIAN'), { mode: 0o755 });
    await writeFile(join(stage, 'DEBIAN', 'control'), `${control.join('\n')}\n`);
    await mustRun(['dpkg-deb', '--root-owner-group', '-Zgzip', '--build', stage, file]);
    return file;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
