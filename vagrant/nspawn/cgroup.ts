import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { CGROUP_NAME } from './lab-layout.ts';

// All processes of a lab live in one cgroup (v2) of its own: hosts/NAME for each host, `spawned` for what runs beside them.
// So `down` and the clearing of leftovers can never hit a process that is not the lab's, not even through a reused pid.

const KILL_DEADLINE_MS = 10_000;
const KILL_POLL_MS = 20;
const END_ATTEMPTS = 5;

/** The mount point of the v2 tree: pure v2 where systemd is PID 1, hybrid elsewhere. Throws ZDMS_LAB_CGROUP_MISSING. */
function cgroupMount(): string {
  const found = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((directory) =>
    existsSync(join(directory, 'cgroup.procs')),
  );
  if (found !== undefined) return found;
  throw new ZdmsError(
    'ZDMS_LAB_CGROUP_MISSING',
    'no cgroup v2 tree is mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified',
    'boot with the unified or hybrid cgroup layout',
  );
}

/** The directory of a cgroup of the lab; no parts: the lab's own. */
export function labCgroup(...parts: readonly string[]): string {
  return join(cgroupMount(), CGROUP_NAME, ...parts);
}

/** Creates a cgroup of the lab and returns its directory. */
export function createLabCgroup(...parts: readonly string[]): string {
  const directory = labCgroup(...parts);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** True while any process lives in the cgroup or below it. */
function isPopulated(cgroup: string): boolean {
  try {
    return readFileSync(join(cgroup, 'cgroup.events'), 'utf8').includes('populated 1');
  } catch {
    return false;
  }
}

/** A host is on while it has processes. */
export function isPoweredOn(host: string): boolean {
  return isPopulated(labCgroup('hosts', host));
}

/** SIGKILL to every process in the cgroup and below it, at once, and waits until they are gone. Nothing to do when there is no such cgroup. */
export async function killCgroup(cgroup: string): Promise<void> {
  if (!existsSync(cgroup)) return;
  if (!existsSync(join(cgroup, 'cgroup.kill'))) {
    throw new ZdmsError('ZDMS_LAB_KERNEL_TOO_OLD', 'this kernel has no cgroup.kill', 'use Linux 5.14 or later');
  }
  const deadline = Date.now() + KILL_DEADLINE_MS;
  // Again in each turn: a process that was started just before may enter the cgroup just after.
  while (isPopulated(cgroup)) {
    writeFileSync(join(cgroup, 'cgroup.kill'), '1');
    if (Date.now() > deadline)
      throw new ZdmsError(
        'ZDMS_LAB_KILL_FAILED',
        `processes in ${cgroup} do not end`,
        'look at them with ps; they may hang in the kernel',
      );
    await sleep(KILL_POLL_MS);
  }
}

/** Ends every process of the lab and removes its cgroups. */
export async function endLabCgroup(): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await killCgroup(labCgroup());
    try {
      removeCgroup(labCgroup());
      return;
    } catch (error) {
      // A process that was just being started may have entered in between.
      if (attempt === END_ATTEMPTS) throw error;
    }
  }
}

/** Removes a cgroup without processes, and all below it. */
function removeCgroup(cgroup: string): void {
  if (!existsSync(cgroup)) return;
  for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(cgroup, entry.name));
  }
  rmdirSync(cgroup);
}
