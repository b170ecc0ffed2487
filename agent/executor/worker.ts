import { readFile } from 'node:fs/promises';
import type { Worker } from './step-record.ts';

/** Field 22 of /proc/PID/stat; the name in field 2 may hold blanks and brackets, so counting starts behind its last bracket. */
async function readStartTicks(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its parent has not noticed.
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

async function readCgroup(): Promise<string | null> {
  const text = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  return /^0::(\/.+)$/m.exec(text)?.[1] ?? null;
}

/** This process as a step's worker. `ownsCgroup`: it has its unit to itself, so whatever is left in there belongs to the step. */
export async function thisWorker(ownsCgroup: boolean): Promise<Worker> {
  const startTicks = (await readStartTicks(process.pid)) ?? '';
  return { pid: process.pid, startTicks, cgroup: ownsCgroup ? await readCgroup() : null };
}

/** True while the worker or anything that it started in its unit (apt, dpkg) still runs. */
export async function isWorkerAlive(worker: Worker): Promise<boolean> {
  if ((await readStartTicks(worker.pid)) === worker.startTicks) return true;
  if (worker.cgroup === null) return false;
  const left = await readFile(`/sys/fs/cgroup${worker.cgroup}/cgroup.procs`, 'utf8').catch(() => '');
  return left.trim() !== '';
}
