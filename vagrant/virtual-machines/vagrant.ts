import { existsSync } from 'node:fs';
import { readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { BuildOptions } from '../nspawn/base-system.ts';
import { labCgroup } from '../nspawn/cgroup.ts';
import { mustRun, runCommand, type CommandOptions } from '../nspawn/command.ts';
import { BRIDGE, LOG_DIRECTORY, RUN_DIRECTORY } from '../nspawn/lab-layout.ts';
import { inLab, startDetached } from '../nspawn/spawn-in-lab.ts';
import type { Topology } from '../topology.ts';
import type { Accelerator } from './accelerator.ts';
import { FILES_DIRECTORY } from './host-package.ts';
import type { VirtualSystems } from './virtual-systems.ts';

const LIBVIRT_DIRECTORY = join(RUN_DIRECTORY, 'libvirt');
const LIBVIRT_LOG_FILE = join(LOG_DIRECTORY, 'libvirt.log');
const PID_FILE = join(LIBVIRT_DIRECTORY, 'libvirtd.pid');
const MOUNT_POINT = '/run/libvirt';
const RUN_LIBVIRT = join(import.meta.dirname, 'run-libvirt.sh');
const RUN_MACHINE = join(import.meta.dirname, 'run-machine.sh');
const LIBVIRT_DEADLINE_MS = 60_000;
const POLL_MS = 200;
const BOX_DEADLINE_MS = 120_000;
// Two machines under software emulation take one to three minutes, on a busy machine much longer.
const UP_DEADLINE_MS = 1_200_000;
const PROGRESS_OF_VAGRANT =
  /^==> (.*(?:Uploading|Creating domain|Starting domain|Waiting for|booted|Running provisioner).*)$/;
const VAGRANT_ENVIRONMENT = {
  VAGRANT_HOME: join(RUN_DIRECTORY, 'vagrant'),
  VAGRANT_DOTFILE_PATH: join(RUN_DIRECTORY, 'vagrant-machines'),
  VAGRANT_CWD: join(import.meta.dirname, '..'),
  VAGRANT_CHECKPOINT_DISABLE: '1',
  VAGRANT_DEFAULT_PROVIDER: 'libvirt',
};

/** Starts libvirt, and by Vagrant all hosts as virtual machines. */
export async function startMachines(topology: Topology, systems: VirtualSystems, options: BuildOptions): Promise<void> {
  const { progress, signal } = options;
  await startLibvirt(systems.accelerator, signal);
  progress('vagrant box add');
  const add = ['vagrant', 'box', 'add', '--name', 'zdms/lab', '--provider', 'libvirt', systems.boxFile];
  await mustRun(await besideLibvirt(add), { environment: VAGRANT_ENVIRONMENT, timeoutMs: BOX_DEADLINE_MS, signal });
  progress('vagrant up');
  await mustRun(await besideLibvirt(['nice', 'vagrant', 'up', '--no-tty']), {
    environment: {
      ...VAGRANT_ENVIRONMENT,
      ZDMS_LAB_TOPOLOGY: topology.name,
      ZDMS_LAB_HOSTS: String(topology.hosts.length),
      ZDMS_LAB_FILES: FILES_DIRECTORY,
      ZDMS_LAB_LOGS: LOG_DIRECTORY,
      ZDMS_LAB_ACCELERATOR: systems.accelerator,
      ZDMS_LAB_EMULATOR: RUN_MACHINE,
    },
    timeoutMs: UP_DEADLINE_MS,
    signal,
    onOutputLine: (line) => {
      const [, said] = PROGRESS_OF_VAGRANT.exec(line) ?? [];
      if (said !== undefined) progress(`  ${said}`);
    },
  });
}

async function startLibvirt(accelerator: Accelerator, signal: AbortSignal | undefined): Promise<void> {
  const argv = [RUN_LIBVIRT, LIBVIRT_DIRECTORY, labCgroup('hosts'), accelerator, BRIDGE];
  startDetached(inLab(argv), LIBVIRT_LOG_FILE);
  const deadline = Date.now() + LIBVIRT_DEADLINE_MS;
  while (!(await answers({ signal }))) {
    if (Date.now() > deadline)
      throw new ZdmsError('ZDMS_LAB_LIBVIRT_FAILED', 'libvirt does not answer', `see ${LIBVIRT_LOG_FILE}`);
    await sleep(POLL_MS);
  }
}

async function answers(options: CommandOptions): Promise<boolean> {
  if (!existsSync(PID_FILE)) return false;
  return (await runCommand(await besideLibvirt(['virsh', 'net-info', 'zlab']), options)).code === 0;
}

/** argv that runs a command where the lab's libvirt is at its usual place. */
async function besideLibvirt(argv: readonly string[]): Promise<string[]> {
  const pid = (await readFile(PID_FILE, 'utf8')).trim();
  return inLab(['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--', ...argv]);
}

/** Powers a virtual machine on again; does not wait until it serves. */
export async function startMachine(host: string): Promise<void> {
  await mustRun(await besideLibvirt(['virsh', 'start', host]));
}

/** Whether a virtual machine is powered on. */
export async function isMachineOn(host: string): Promise<boolean> {
  return (await mustRun(await besideLibvirt(['virsh', 'domstate', host]))).trim() === 'running';
}

/** Takes a virtual machine's power, at once. */
export async function stopMachine(host: string): Promise<void> {
  await mustRun(await besideLibvirt(['virsh', 'destroy', host]));
}

/** Presses a virtual machine's reset button. */
export async function resetMachine(host: string): Promise<void> {
  await mustRun(await besideLibvirt(['virsh', 'reset', host]));
}

/** Removes the directory that the lab's libvirt needed in /run, unless the machine's own uses it. */
export async function removeMountPoint(): Promise<void> {
  // It is not empty, or not there.
  await rmdir(MOUNT_POINT).catch(() => undefined);
}
