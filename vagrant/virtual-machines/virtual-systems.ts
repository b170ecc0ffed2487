import type { BuildOptions } from '../nspawn/base-system.ts';
import { chooseAccelerator, type Accelerator } from './accelerator.ts';
import { prepareBox, type Box } from './box.ts';
import { readKernelPair, type KernelPair } from './kernel-packages.ts';

/** What a lab of virtual machines is made from. */
export interface VirtualSystems extends Box {
  readonly kind: 'virtual-machines';
  readonly kernels: KernelPair;
  readonly accelerator: Accelerator;
}

/** Returns what virtual machines are made from, and builds what is missing of it. */
export async function prepareVirtualSystems(options: BuildOptions): Promise<VirtualSystems> {
  const kernels = await readKernelPair();
  const box = await prepareBox(kernels, options);
  const accelerator = await chooseAccelerator(box.kernelFile, options);
  return { kind: 'virtual-machines', kernels, accelerator, ...box };
}
