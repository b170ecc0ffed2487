import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StepFailure } from '../step-failure.ts';

/** What unpacking needs, as a multiple of the download: packages are compressed about 1:4, and the old files stay until the end. */
const UNPACK_FACTOR = 4;
/** The download is there twice: from fetch, and where something else copies it. */
const DOWNLOAD_FACTOR = 2;
const FREE_INODES_MIN_SHARE = 0.05;

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/**
 * Throws StepFailure with this code, or `inodes-full`, where so much does not fit. Bytes free for others than root count: root's reserve
 * is for repairs, not for patches. A path that is not there needs nothing.
 */
export async function refuseFull(path: string, neededBytes: number, code: 'disk-full' | 'boot-full'): Promise<void> {
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
export async function refuseTooSmall(
  { archives, root }: { readonly archives: string; readonly root: string },
  limits: { readonly freeMarginBytes: number },
  downloadBytes: number,
): Promise<void> {
  const download = DOWNLOAD_FACTOR * downloadBytes + limits.freeMarginBytes;
  await refuseFull(archives, download, 'disk-full');
  // /usr and /var are often file systems of their own.
  for (const path of [root, join(root, 'usr'), join(root, 'var')])
    await refuseFull(path, UNPACK_FACTOR * downloadBytes + download, 'disk-full');
}
