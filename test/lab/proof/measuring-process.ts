import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { LabReach } from './lab-back-end.ts';

/** A request or a put may take its whole deadline, and the two cores of a lab may be busy. */
const STOP_DEADLINE_MS = 20_000;

/**
 * Starts one of the programs that measure: `--config JSON --out FILE`, in the lab's network. It ends by itself when this process
 * dies, since its stdin closes then.
 */
export function startMeasuring(spawn: LabReach['spawn'], program: string, config: unknown, file: string): ChildProcess {
  const argv = [process.execPath, program, '--config', JSON.stringify(config), '--out', file];
  // A session of its own, so that what the scheduler groups by session can be favoured as a whole.
  const child = spawn(argv, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  favour(child);
  return child;
}

/**
 * Users have computers of their own; here they share two cores with what they measure. Only root may favour a process. Where the
 * scheduler groups by session (sched(7), autogroup), a process's own niceness counts within its session only, and the group has one.
 */
function favour({ pid }: ChildProcess): void {
  if (pid === undefined || process.getuid?.() !== 0) return;
  setPriority(pid, constants.priority.PRIORITY_HIGH);
  const group = `/proc/${pid}/autogroup`;
  if (existsSync(group)) writeFileSync(group, String(constants.priority.PRIORITY_HIGH));
}

/** SIGTERM, after which it still waits for what is due and writes it down; SIGKILL when it has not ended by the deadline. */
export async function endMeasuring(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await closed;
  clearTimeout(timer);
}
