import { readFile } from 'node:fs/promises';
import { release, version } from 'node:os';
import type { CommandResult, Commands } from '../run-command.ts';
import { findHindrances, type Hindrance } from './boot-hindrances.ts';
import { installedKernels, type KernelState, kernelState } from './installed-kernels.ts';
import { type NeedrestartBatch, parseNeedrestartBatch } from './needrestart-batch.ts';
import { type VendorProgram, vendorProgram, vendorWord } from './vendor-word.ts';

export type BootPaths = {
  readonly bootId: string;
  readonly rebootRequired: string;
  readonly rebootRequiredPackages: string;
  /** SUSE's: how much of a boot is needed. */
  readonly rebootNeeded: string;
  /** systemd writes this file where it runs in a container. */
  readonly container: string;
};

export const defaultBootPaths: BootPaths = {
  bootId: '/proc/sys/kernel/random/boot_id',
  rebootRequired: '/run/reboot-required',
  rebootRequiredPackages: '/run/reboot-required.pkgs',
  rebootNeeded: '/run/reboot-needed',
  container: '/run/systemd/container',
};

/** Whether this host wants a reboot. `unknown`: nothing asks for one, but the kernel's state could not be read. */
export type RebootNeeded = {
  readonly needed: 'yes' | 'no' | 'unknown';
  readonly reasons: readonly string[];
};

/** Boots of this host. */
export interface Boot {
  /** The id of the running boot; the only sound sign of a reboot (uptime is the outer machine's in a container). */
  bootId(): Promise<string>;
  /** Asks systemd to reboot; returns as soon as it is asked. A lost connection to systemd is no proof of failure. */
  reboot(): Promise<CommandResult>;
  /** What asks for a reboot: packages by their files, a newer kernel, microcode, the distribution's own program. Looks at no process. */
  rebootNeeded(): Promise<RebootNeeded>;
  /** Which kernel runs, and which one would after another reboot. */
  kernel(): Promise<KernelState>;
  /** What speaks against a reboot now; empty: nothing. `sparesUsers`: people who are logged in do. */
  hindrances(sparesUsers: boolean): Promise<readonly Hindrance[]>;
}

const REBOOT_COMMAND_TIMEOUT_MS = 30_000;
const NEEDRESTART_TIMEOUT_MS = 120_000;

async function readOptional(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

/** Names of packages, or the file that asks without naming any. */
async function filesThatAsk(paths: BootPaths): Promise<readonly string[]> {
  const [required, packages, needed] = await Promise.all([
    readOptional(paths.rebootRequired),
    readOptional(paths.rebootRequiredPackages),
    readOptional(paths.rebootNeeded),
  ]);
  const names = (packages ?? '').split('\n').filter((name) => name !== '');
  if (required !== null && names.length === 0) names.push('/run/reboot-required');
  // `soft-reboot` and `kexec` are quicker ways to the same end, which are not ours to take.
  if (needed !== null) names.push(`/run/reboot-needed says ${needed.trim() || 'reboot'}`);
  return names;
}

async function readRebootNeeded(
  commands: Commands,
  paths: BootPaths,
  program: VendorProgram | null,
): Promise<RebootNeeded> {
  const [files, batch, vendor, container] = await Promise.all([
    filesThatAsk(paths),
    readNeedrestart(commands),
    vendorWord(commands, program),
    readOptional(paths.container),
  ]);
  const reasons = [...files];
  // The kernel and the microcode of a container are its machine's: no boot of its own brings others.
  const state = container === null ? await readKernel(commands, batch) : null;
  if (state?.kernel === 'pending') reasons.push(`kernel ${state.running} runs, ${state.expected} is installed`);
  if (container === null && batch.microcode === 'pending') reasons.push('microcode is outdated');
  if (vendor === 'yes') reasons.push(`${program?.argv[0] ?? ''} asks for a reboot`);
  if (reasons.length > 0) return { needed: 'yes', reasons: [...new Set(reasons)] };
  const isKnown = state === null || state.kernel === 'current' || vendor === 'no';
  return { needed: isKnown ? 'no' : 'unknown', reasons: [] };
}

/** Without its scan of all processes. */
async function readNeedrestart(commands: Commands): Promise<NeedrestartBatch> {
  const scan = await commands.run(['needrestart', '-b', '-k', '-w'], { timeoutMs: NEEDRESTART_TIMEOUT_MS });
  return parseNeedrestartBatch(scan.exitCode === 0 ? scan.stdout : '');
}

/** needrestart looks into the kernel's file itself; where it is missing or cannot tell, packages do. */
async function readKernel(commands: Commands, batch: NeedrestartBatch): Promise<KernelState> {
  if (batch.kernel !== 'unknown') return batch;
  return kernelState({ release: release(), build: version() }, await installedKernels(commands));
}

/** Boots through systemd. */
export function createBoot(
  commands: Commands,
  paths: BootPaths = defaultBootPaths,
  program: VendorProgram | null = vendorProgram(),
): Boot {
  return {
    bootId: async () => (await readFile(paths.bootId, 'utf8')).trim(),
    reboot: () => commands.run(['systemctl', '--no-wall', 'reboot'], { timeoutMs: REBOOT_COMMAND_TIMEOUT_MS }),
    rebootNeeded: () => readRebootNeeded(commands, paths, program),
    kernel: async () => readKernel(commands, await readNeedrestart(commands)),
    hindrances: (sparesUsers) => findHindrances(commands, sparesUsers),
  };
}
