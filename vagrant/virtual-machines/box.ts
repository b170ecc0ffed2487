import { readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  BASE_PACKAGES,
  buildBase,
  cached,
  hashOf,
  LEFT_OUT,
  readProvision,
  removeOutdated,
  type BuildOptions,
} from '../nspawn/base-system.ts';
import { mustRun } from '../nspawn/command.ts';
import { inLab } from '../nspawn/spawn-in-lab.ts';
import { buildKernelPackage, packageOf, type KernelPair } from './kernel-packages.ts';

// The box that Vagrant starts virtual machines from: the hosts' base system with a kernel, on a disk that boots. Built once.

const RECIPE_VERSION = '2';
const BOX_PACKAGES = ['initramfs-tools', 'grub2-common', 'grub-pc-bin', 'udev'];
const MAKE_DISK = join(import.meta.dirname, 'make-disk.sh');
const DISK_DEADLINE_MS = 300_000;
const DISK_GIB = 4;

/** Files of the box in the cache. */
export interface Box {
  /** What `vagrant box add` takes. */
  readonly boxFile: string;
  /** The kernel in it, for a trial of KVM. */
  readonly kernelFile: string;
  /** The newer kernel's packages for the repository, and the one by which the machine has its own. */
  readonly offeredDirectory: string;
}

/** Returns the box, and builds it when it is missing. */
export async function prepareBox(kernels: KernelPair, options: BuildOptions): Promise<Box> {
  const scripts = [readProvision('base.sh'), readProvision('box.sh'), readFileSync(MAKE_DISK, 'utf8')];
  const name = `box-${hashOf([RECIPE_VERSION, JSON.stringify(kernels), ...BASE_PACKAGES, ...BOX_PACKAGES, ...LEFT_OUT, ...scripts])}`;
  const directory = await cached(name, (partial) => buildBox(partial, kernels, options));
  await removeOutdated(['box'], new Set([name]));
  return {
    boxFile: join(directory, 'lab.box'),
    kernelFile: join(directory, 'vmlinuz'),
    offeredDirectory: join(directory, 'offered'),
  };
}

async function buildBox(directory: string, kernels: KernelPair, options: BuildOptions): Promise<void> {
  const { progress, signal } = options;
  progress('building the box of the virtual machines, once (2 to 6 minutes)');
  const offered = join(directory, 'offered');
  await mkdir(offered);
  await mustRun(['apt-get', 'download', packageOf(kernels.offered)], { cwd: offered, signal });
  await buildKernelPackage(kernels.offered, offered);
  await buildBase(directory, [...BASE_PACKAGES, ...BOX_PACKAGES, packageOf(kernels.installed)], options);
  const root = join(directory, 'root');
  progress('  preparing it for Vagrant');
  const inside = ['chroot', root, '/usr/bin/env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'];
  const kernelPackage = await buildKernelPackage(kernels.installed, directory);
  await copyFile(kernelPackage, join(root, 'kernel.deb'));
  // Offered too: what could not be had again is not replaced.
  await copyFile(kernelPackage, join(offered, basename(kernelPackage)));
  await mustRun(inLab([...inside, 'dpkg', '--install', '/kernel.deb'], 'machine'), { signal });
  await rm(join(root, 'kernel.deb'));
  await mustRun(inLab([...inside, '/bin/sh', '-s'], 'machine'), { input: readProvision('box.sh'), signal });
  await copyFile(join(root, 'boot', `vmlinuz-${kernels.installed.release}`), join(directory, 'vmlinuz'));
  progress('  writing its disk');
  const disk = join(directory, 'box.img');
  await mustRun(inLab([MAKE_DISK, root, disk], 'machine'), { timeoutMs: DISK_DEADLINE_MS, signal });
  await writeFile(
    join(directory, 'metadata.json'),
    JSON.stringify({ provider: 'libvirt', format: 'qcow2', virtual_size: DISK_GIB }),
  );
  await mustRun(['tar', '-cf', 'lab.box', 'metadata.json', 'box.img'], { cwd: directory, signal });
  const kept = ['lab.box', 'vmlinuz', 'offered'];
  for (const entry of await readdir(directory))
    if (!kept.includes(entry)) await rm(join(directory, entry), { recursive: true });
}
