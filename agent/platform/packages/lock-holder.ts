import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { StepFailure } from '../step-failure.ts';

const LOCK_POLL_MS = 250;

/** Inode numbers of the locked files, with the process that holds each, from /proc/locks. Waiters (`->` lines) hold nothing. */
export function parseProcLocks(text: string): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, pid, inode] = /^\d+: (?!->)\S+ +\S+ +WRITE (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line) ?? [];
    if (pid !== undefined && inode !== undefined) held.set(inode, Number(pid));
  }
  return held;
}

/** The systemd unit of a process, from its /proc/PID/cgroup: what a person would stop. Null: it is in none. */
export function unitOf(cgroup: string): string | null {
  return /^\d*:(?:name=systemd)?:\S*\/([^/\s]+\.(?:service|scope))$/m.exec(cgroup)?.[1] ?? null;
}

/**
 * Who holds one of these lock files, in words; null when nobody does. Only looks: it takes no lock of its own.
 * Inode numbers alone may rarely collide between file systems; then preflight waits in vain and says for whom.
 */
export async function findLockHolder(lockPaths: readonly string[]): Promise<string | null> {
  const held = parseProcLocks(await readFile('/proc/locks', 'utf8').catch(() => ''));
  for (const path of lockPaths) {
    const inode = await stat(path).then(
      (found) => String(found.ino),
      () => null,
    );
    const pid = inode === null ? undefined : held.get(inode);
    if (pid === undefined) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'unknown');
    const unit = unitOf(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''));
    return `${path} is held by process ${pid} (${name.trim()}${unit === null ? '' : ` of ${unit}`})`;
  }
  return null;
}

/** Who is at work by a file with a process id in it, as dnf and zypper leave one while they work; null when nobody is. */
export async function findPidFileHolder(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const pid = Number((await readFile(path, 'utf8').catch(() => '')).trim());
    if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => null);
    if (name !== null) return `${path} is held by process ${pid} (${name.trim()})`;
  }
  return null;
}

/** Waits until nobody holds the lock. Throws StepFailure `lock-held` with what `findHolder` said last. */
export async function waitForLock(findHolder: () => Promise<string | null>, waitMs: number): Promise<void> {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    const holder = await findHolder();
    if (holder === null) return;
    if (performance.now() >= deadlineMs)
      throw new StepFailure('lock-held', `${holder}: wait until it ends or end it (never delete the file), then retry`);
    await sleep(LOCK_POLL_MS);
  }
}
