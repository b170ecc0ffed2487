import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import { isKernelPackage } from '../../leftovers/reboot-packages.ts';
import { refuseFull } from '../free-space.ts';
import type { Apt } from './apt-setting.ts';

/** An initrd is written beside the one that it replaces, so there has to be room for two of it. */
const BOOT_FACTOR = 2;
/** For a kernel with its initrd, where none is there yet to be measured. */
const BOOT_BYTES_MIN = 100e6;
const kernelFile = /^(?:vmlinuz|initrd\.img)-(.+)$/;

/** Throws StepFailure `boot-full` where the order brings a kernel and /boot has no room for it: a cut-off initrd does not boot. */
export async function refuseSmallBoot(apt: Apt, targets: readonly ExactPackage[]): Promise<void> {
  if (!targets.some(({ name }) => isKernelPackage(name))) return;
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
