import { existsSync } from 'node:fs';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { BuildOptions } from '../nspawn/base-system.ts';
import { runCommand } from '../nspawn/command.ts';
import { inLab } from '../nspawn/spawn-in-lab.ts';

/** What runs the code of virtual machines, by Vagrant's names: the processor, or QEMU's software emulation. */
export type Accelerator = 'kvm' | 'qemu';

// The kernel reaches its end, which is a panic for want of a disk, in less than 1 s where KVM works.
const TRIAL_DEADLINE_MS = 20_000;
const TRIAL = ['-accel', 'kvm', '-cpu', 'host', '-m', '256', '-nodefaults', '-display', 'none', '-serial', 'stdio'];
const KERNEL_ARGUMENTS = 'console=ttyS0 panic=-1';

/** Boots a kernel under KVM to see whether it works: there are machines with a /dev/kvm under which no kernel of a distribution starts. */
export async function chooseAccelerator(kernelFile: string, options: BuildOptions): Promise<Accelerator> {
  const works = existsSync('/dev/kvm') && (await bootsUnderKvm(kernelFile, options.signal));
  options.progress(works ? 'virtual machines run under KVM' : 'no usable KVM: virtual machines are emulated, and slow');
  return works ? 'kvm' : 'qemu';
}

async function bootsUnderKvm(kernelFile: string, signal: AbortSignal | undefined): Promise<boolean> {
  const argv = ['qemu-system-x86_64', ...TRIAL, '-no-reboot', '-kernel', kernelFile, '-append', KERNEL_ARGUMENTS];
  try {
    const { code, stdout } = await runCommand(inLab(argv, 'machine'), { timeoutMs: TRIAL_DEADLINE_MS, signal });
    return code === 0 && stdout.includes('Linux version');
  } catch (error) {
    if (error instanceof ZdmsError && error.code === 'ZDMS_LAB_TIMEOUT') return false;
    throw error;
  }
}
