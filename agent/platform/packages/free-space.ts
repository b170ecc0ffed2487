import { statfs } from 'node:fs/promises';
import { StepFailure } from '../step-failure.ts';

/** What unpacking needs, as a multiple of the download: packages are compressed about 1:4, and the old files stay until the end. */
const UNPACK_FACTOR = 4;
/** The download is there twice: from fetch, and where something else copies it. */
const DOWNLOAD_FACTOR = 2;
const FREE_INODES_MIN_SHARE = 0.05;

/** Bytes free for others than root: root's reserve is for repairs, not for patches. */
async function refuseFull(path: string, neededBytes: number): Promise<void> {
  const found = await statfs(path);
  const freeBytes = found.bavail * found.bsize;
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  if (freeBytes < neededBytes) {
    throw new StepFailure('disk-full', `${path}: ${megabytes(freeBytes)} MB free, ${megabytes(neededBytes)} MB needed`);
  }
  // Some file systems (btrfs) have no fixed number of inodes and say 0.
  if (found.files > 0 && found.ffree / found.files < FREE_INODES_MIN_SHARE) {
    throw new StepFailure('inodes-full', `${path}: ${found.ffree} of ${found.files} inodes free`);
  }
}

/** Throws StepFailure `disk-full` or `inodes-full` unless there is room for a download of this size and for what it unpacks to. */
export async function refuseTooSmall(
  paths: { readonly archives: string; readonly root: string },
  limits: { readonly freeMarginBytes: number },
  downloadBytes: number,
): Promise<void> {
  const download = DOWNLOAD_FACTOR * downloadBytes + limits.freeMarginBytes;
  const unpack = UNPACK_FACTOR * downloadBytes + download;
  await refuseFull(paths.archives, download);
  await refuseFull(paths.root, unpack);
}
