import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createLabCgroup } from './cgroup.ts';
import { NETWORK_NAMESPACE_FILE } from './lab-layout.ts';

const ENTER_LAB = join(import.meta.dirname, 'enter-lab.sh');

/** argv that runs a command in a cgroup of the lab, in the lab's network (`lab`) or in the machine's (`machine`). */
export function inLab(
  argv: readonly string[],
  network: 'lab' | 'machine' = 'lab',
  cgroup: readonly string[] = ['spawned'],
): string[] {
  return [ENTER_LAB, createLabCgroup(...cgroup), network === 'lab' ? NETWORK_NAMESPACE_FILE : '', ...argv];
}

/**
 * Starts a process inside the lab's network; options are those of node:child_process. The pid is that of the command itself.
 * The process ends at the latest with the lab.
 */
export function labSpawn(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const [file = '', ...rest] = inLab(argv);
  return spawn(file, rest, options);
}

/** Starts a process of the lab that outlives this one; its output is appended to logFile. */
export function startDetached(argv: readonly string[], logFile: string): void {
  const log = openSync(logFile, 'a');
  const [file = '', ...rest] = argv;
  spawn(file, rest, { detached: true, stdio: ['ignore', log, log] }).unref();
  closeSync(log);
}
