import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import { StepFailure } from '../../step-failure.ts';
import type { Apt } from './apt-setting.ts';

/** What unpacking needs, as a multiple of the download: packages are compressed about 1:4, and the old files stay until the end. */
const UNPACK_FACTOR = 4;
/** The download is there twice: from fetch, and where something else copies it. */
const DOWNLOAD_FACTOR = 2;
const FREE_INODES_MIN_SHARE = 0.05;
/** An initrd is written beside the one that it replaces, so there has to be room for two of it. */
const BOOT_FACTOR = 2;
/** For a kernel with its initrd, where none is there yet to be measured. */
const BOOT_BYTES_MIN = 100e6;
const kernelPackage = /^linux-image/;
const kernelFile = /^(?:vmlinuz|initrd\.img)-(.+)$/;

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/** Bytes free for others than root: root's reserve is for repairs, not for patches. A path that is not there needs nothing. */
async function refuseFull(path: string, neededBytes: number, code: 'disk-full' | 'boot-full'): Promise<void> {
  const found = await statfs(path).catch(() => null);
  if (found === null) return;
  const freeBytes = found.bavail * found.bsize;
  if (freeBytes < neededBytes) {
    const numbers = `${megabytes(freeBytes)} MB free, ${megabytes(neededBytes)} MB needed`;
    throw new StepFailure(code, `${path}: ${numbers}: make room, then retry the host`);
  }
  // Some file systems (btrfs) have no fixed number of inodes and say 0.
  if (found.files > 0 && found.ffree / found.files < FREE_INODES_MIN_SHARE) {
    const numbers = `${found.ffree} of ${found.files} inodes free`;
    throw new StepFailure('inodes-full', `${path}: ${numbers}: delete files, then retry the host`);
  }
}

/** Throws StepFailure `disk-full` or `inodes-full` where a download of this size could not be kept and unpacked. */
export async function refuseTooSmall(apt: Apt, downloadBytes: number): Promise<void> {
  const { archives, root } = apt.paths;
  const download = DOWNLOAD_FACTOR * downloadBytes + apt.limits.freeMarginBytes;
  await refuseFull(archives, download, 'disk-full');
  // /usr and /var are often file systems of their own.
  for (const path of [root, join(root, 'usr'), join(root, 'var')])
    await refuseFull(path, UNPACK_FACTOR * downloadBytes + download, 'disk-full');
}

/** Throws StepFailure `boot-full` where the order brings a kernel and /boot has no room for it: a cut-off initrd does not boot. */
export async function refuseSmallBoot(apt: Apt, targets: readonly ExactPackage[]): Promise<void> {
  if (!targets.some(({ name }) => kernelPackage.test(name))) return;
  const boot = join(apt.paths.root, 'boot');
  await refuseFull(boot, Math.max(BOOT_FACTOR * (await largestKernelBytes(boot)), BOOT_BYTES_MIN), 'boot-full');
}

/** The kernel that takes the most room now, with its initrd. */
async function largestKernelBytes(boot: string): Promise<number> {
  const bytesOf = new Map<string, number>();
  for (const name of await readdir(boot).catch((): string[] => [])) {
    const [, release] = kernelFile.exec(name) ?? [];
    if (release === undefined) continue;
    const { size } = await stat(join(boot, name)).catch(() => ({ size: 0 }));
    bytesOf.set(release, (bytesOf.get(release) ?? 0) + size);
  }
  return Math.max(0, ...bytesOf.values());
}
