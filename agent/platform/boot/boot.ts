import { readFile } from 'node:fs/promises';
import type { CommandResult, Commands } from '../run-command.ts';
import { type NeedrestartBatch, parseNeedrestartBatch } from './needrestart-batch.ts';

export type BootPaths = {
  readonly bootId: string;
  readonly rebootRequired: string;
  readonly rebootRequiredPackages: string;
};

export const defaultBootPaths: BootPaths = {
  bootId: '/proc/sys/kernel/random/boot_id',
  rebootRequired: '/run/reboot-required',
  rebootRequiredPackages: '/run/reboot-required.pkgs',
};

/** Whether this host wants a reboot. `unknown`: nothing asks for one, but the kernel's state could not be read. */
export type RebootNeeded = {
  readonly needed: 'yes' | 'no' | 'unknown';
  readonly reasons: readonly string[];
  /** Services that still run deleted files, as needrestart sees them. */
  readonly staleServices: readonly string[];
};

/** Boots of this host. */
export interface Boot {
  /** The id of the running boot; the only sound sign of a reboot (uptime is the outer machine's in a container). */
  bootId(): Promise<string>;
  /** Asks systemd to reboot; returns as soon as it is asked. A lost connection to systemd is no proof of failure. */
  reboot(): Promise<CommandResult>;
  /** Everything that is known, by a scan of all processes; for the survey. */
  rebootNeeded(): Promise<RebootNeeded>;
  /** The same answer without reasons and without the scan; cheap enough for a host that is out of service. */
  rebootWanted(): Promise<RebootNeeded['needed']>;
  /** Which kernel runs, and which one would after another reboot. */
  kernel(): Promise<Pick<NeedrestartBatch, 'kernel' | 'running' | 'expected'>>;
}

const REBOOT_COMMAND_TIMEOUT_MS = 30_000;
/** needrestart scans every process; minutes on a big, busy host. */
const NEEDRESTART_TIMEOUT_MS = 120_000;

async function readOptional(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

async function readRebootNeeded(commands: Commands, paths: BootPaths): Promise<RebootNeeded> {
  const [text, packages, scan] = await Promise.all([
    readOptional(paths.rebootRequired),
    readOptional(paths.rebootRequiredPackages),
    commands.run(['needrestart', '-b'], { timeoutMs: NEEDRESTART_TIMEOUT_MS }),
  ]);
  const kernel = parseNeedrestartBatch(scan.exitCode === 0 ? scan.stdout : '');
  const reasons = (packages ?? '').split('\n').filter((name) => name !== '');
  if (text !== null && reasons.length === 0) reasons.push('/run/reboot-required');
  if (kernel.kernel === 'pending') reasons.push(`kernel ${kernel.running} runs, ${kernel.expected} is installed`);
  if (kernel.microcode === 'pending') reasons.push('microcode is outdated');
  const quiet = kernel.kernel === 'unknown' ? 'unknown' : 'no';
  return { needed: reasons.length > 0 ? 'yes' : quiet, reasons: [...new Set(reasons)], staleServices: kernel.services };
}

async function readRebootWanted(commands: Commands, paths: BootPaths): Promise<RebootNeeded['needed']> {
  if ((await readOptional(paths.rebootRequired)) !== null) return 'yes';
  const { kernel, microcode } = await readKernel(commands);
  if (kernel === 'pending' || microcode === 'pending') return 'yes';
  return kernel === 'unknown' ? 'unknown' : 'no';
}

/** Without the scan of all processes. */
async function readKernel(commands: Commands): Promise<NeedrestartBatch> {
  const scan = await commands.run(['needrestart', '-b', '-k', '-w'], { timeoutMs: NEEDRESTART_TIMEOUT_MS });
  return parseNeedrestartBatch(scan.exitCode === 0 ? scan.stdout : '');
}

/** Boots through systemd. */
export function createBoot(commands: Commands, paths: BootPaths = defaultBootPaths): Boot {
  return {
    bootId: async () => (await readFile(paths.bootId, 'utf8')).trim(),
    reboot: () => commands.run(['systemctl', '--no-wall', 'reboot'], { timeoutMs: REBOOT_COMMAND_TIMEOUT_MS }),
    rebootNeeded: () => readRebootNeeded(commands, paths),
    rebootWanted: () => readRebootWanted(commands, paths),
    kernel: () => readKernel(commands),
  };
}
