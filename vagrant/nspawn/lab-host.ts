import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { LabHost } from '../topology.ts';
import { startMachine } from '../virtual-machines/vagrant.ts';
import { isPoweredOn, killCgroup, labCgroup } from './cgroup.ts';
import { runCommand, type CommandResult } from './command.ts';
import { waitUntilReady } from './host-readiness.ts';
import { BRIDGE, cableOf, diskDirectory, LOG_DIRECTORY, SSH_CONFIG_FILE } from './lab-layout.ts';
import type { HostSystems } from './host-system.ts';
import { findHost, readState } from './lab-state.ts';
import { inNetwork, isLinkUp } from './network.ts';
import { inLab, startDetached } from './spawn-in-lab.ts';

const RUN_HOST = join(import.meta.dirname, 'run-host.sh');
const POWER_OFF_DEADLINE_MS = 10_000;
const POWER_OFF_POLL_MS = 20;

export interface ExecOptions {
  readonly input?: string | Buffer;
  /** Default 60 s. */
  readonly timeoutMs?: number;
}

/** argv of an ssh to a host as root, with the lab operator's key and the host's pinned key. */
export function sshCommand(host: string, options: readonly string[] = []): string[] {
  return ['ssh', '-F', SSH_CONFIG_FILE, ...options, findHost(host).name];
}

/** Runs argv on a host through ssh, as root. Code 255 means that ssh itself failed. Throws ZDMS_LAB_NOT_UP, ZDMS_LAB_HOST_UNKNOWN, ZDMS_LAB_TIMEOUT. */
export async function labExec(
  host: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<CommandResult> {
  return runCommand(inLab([...sshCommand(host, ['-o', 'BatchMode=yes']), remoteCommand(argv)]), options);
}

/** ssh hands one string to the shell of the other side; quoting each word makes it argv again. */
export function remoteCommand(argv: readonly string[]): string {
  return argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

/** Powers a host on; does not wait until it serves. */
async function powerOn(host: LabHost): Promise<void> {
  const { systems } = readState();
  switch (systems.kind) {
    case 'containers':
      startContainer(host, systems);
      return;
    case 'virtual-machines':
      await startMachine(host.name);
  }
}

/** Powers on a host that is a container. */
export function startContainer(host: LabHost, systems: HostSystems): void {
  const argv = [
    RUN_HOST,
    host.name,
    diskDirectory(host.name),
    host.firmware === undefined ? systems.layersOf[host.role] : systems.capsuleLayers,
    BRIDGE,
    host.disk ?? 'layers',
  ];
  startDetached(inLab(argv, 'lab', ['hosts', host.name]), join(LOG_DIRECTORY, `${host.name}.log`));
}

/** Powers a host on again after labKill or a power-off, with its disk as it was, and waits until it serves. Throws ZDMS_LAB_HOST_ON, ZDMS_LAB_NOT_READY. */
export async function labStart(name: string): Promise<void> {
  const host = findHost(name);
  if (isPoweredOn(name))
    throw new ZdmsError(
      'ZDMS_LAB_HOST_ON',
      `${name} is powered on already`,
      `./scripts/lab kill ${name} cuts its power`,
    );
  await powerOn(host);
  await waitUntilReady([host]);
}

/** Cuts a host's power: all of its processes are gone at once, its disk stays as it is. Throws ZDMS_LAB_HOST_OFF. */
export async function labKill(name: string): Promise<void> {
  assertPoweredOn(name);
  await killCgroup(labCgroup('hosts', name, 'payload'));
  const deadline = Date.now() + POWER_OFF_DEADLINE_MS;
  while (isPoweredOn(name)) {
    if (Date.now() > deadline)
      throw new ZdmsError('ZDMS_LAB_KILL_FAILED', `${name} does not end`, `see ${join(LOG_DIRECTORY, `${name}.log`)}`);
    await sleep(POWER_OFF_POLL_MS);
  }
}

/** Pulls a host's network cable. It stays out until labHeal or the host's next boot. Throws ZDMS_LAB_HOST_OFF. */
export async function labCut(name: string): Promise<void> {
  assertPoweredOn(name);
  await inNetwork(['link', 'set', cableOf(name), 'down']);
}

/** Puts a host's network cable back. Throws ZDMS_LAB_HOST_OFF. */
export async function labHeal(name: string): Promise<void> {
  assertPoweredOn(name);
  await inNetwork(['link', 'set', cableOf(name), 'up']);
}

export async function isCableIn(name: string): Promise<boolean> {
  return isLinkUp(cableOf(name));
}

function assertPoweredOn(name: string): void {
  findHost(name);
  if (!isPoweredOn(name))
    throw new ZdmsError('ZDMS_LAB_HOST_OFF', `${name} is powered off`, `./scripts/lab start ${name}`);
}
