import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../nspawn/command.ts';
import { TEMPORARY_DIRECTORY } from '../nspawn/lab-layout.ts';
import { buildKernelPackage, packageOf, type Kernel } from './kernel-packages.ts';

/** How a kernel fails to start: it panics, which its command line may answer with a boot, or it stands still, which nothing answers. */
export type BootFailure = 'panics' | 'hangs';

/** The first program of its initrd. All that it needs is in the one file beside it. */
const FIRST_PROGRAMS: Readonly<Record<BootFailure, string>> = {
  // A kernel whose first program ends panics.
  panics: '#!/bin/busybox sh\necho "the first program ends"\nexit 1\n',
  hangs: '#!/bin/busybox sh\necho "the first program waits"\nexec /bin/busybox sleep 1000000000\n',
};

const SCRIPT = '#!/bin/sh\nset -e\nif [ -x /usr/sbin/update-grub ]; then update-grub; fi\n';

/**
 * Builds the packages of a kernel that does not start, into a directory: the real one's code with an initrd that fails so. Installing it
 * looks like installing any other. Returns their files.
 */
export async function buildBrokenKernel(
  kernel: Kernel,
  failure: BootFailure,
  kernelFile: string,
  directory: string,
): Promise<readonly string[]> {
  await mkdir(TEMPORARY_DIRECTORY, { recursive: true });
  const stage = await mkdtemp(join(TEMPORARY_DIRECTORY, 'broken-'));
  try {
    const tree = join(stage, 'tree');
    await mkdir(join(tree, 'boot'), { recursive: true });
    await copyFile(kernelFile, join(tree, 'boot', `vmlinuz-${kernel.release}`));
    await makeInitrd(stage, failure, join(tree, 'boot', `initrd.img-${kernel.release}`));
    const file = join(directory, `${packageOf(kernel)}_${kernel.version}-1_amd64.deb`);
    await buildPackage(tree, kernel, file);
    return [file, await buildKernelPackage(kernel, directory)];
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function makeInitrd(stage: string, failure: BootFailure, initrd: string): Promise<void> {
  const root = join(stage, 'initrd');
  await mkdir(join(stage, 'busybox'));
  await mustRun(['apt-get', 'download', 'busybox-static'], { cwd: join(stage, 'busybox') });
  await mustRun(['sh', '-c', 'dpkg-deb --extract ./*.deb .'], { cwd: join(stage, 'busybox') });
  for (const name of ['bin', 'dev', 'proc']) await mkdir(join(root, name), { recursive: true });
  await copyFile(join(stage, 'busybox/bin/busybox'), join(root, 'bin/busybox'));
  await writeFile(join(root, 'init'), FIRST_PROGRAMS[failure], { mode: 0o755 });
  const pack = 'find . -print0 | cpio --null --create --format=newc --quiet | gzip --fast > "$1"';
  await mustRun(['sh', '-euc', pack, 'sh', initrd], { cwd: root });
}

async function buildPackage(tree: string, kernel: Kernel, file: string): Promise<void> {
  const control = join(tree, 'DEBIAN');
  await mkdir(control);
  await writeFile(
    join(control, 'control'),
    [
      `Package: ${packageOf(kernel)}`,
      `Version: ${kernel.version}-1`,
      'Architecture: amd64',
      'Section: kernel',
      'Priority: optional',
      'Maintainer: zdms lab <root@localhost>',
      'Description: a kernel of the zdms lab that does not start\n',
    ].join('\n'),
  );
  for (const name of ['postinst', 'postrm']) {
    await writeFile(join(control, name), SCRIPT);
    await chmod(join(control, name), 0o755);
  }
  await mustRun(['dpkg-deb', '--root-owner-group', '-Zgzip', '--build', tree, file]);
}
