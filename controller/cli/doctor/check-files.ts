import { readFile, stat, statfs } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as soon } from 'node:timers/promises';
import type { ControllerConfig } from '../../config/controller-file.ts';
import { identityFiles } from './identity-files.ts';
import { type Finding, ok, unreadable, warning, wrong } from './finding.ts';

/** A plan of 10,000 hosts has some 5 MB, and SQLite needs room beside its journal to write it. */
const LEAST_FREE_BYTES = 100 * 1024 * 1024;
const LOW_FREE_BYTES = 1024 * 1024 * 1024;

/** A disk that is a network share may not answer at all. */
const DISK_DEADLINE_MS = 5_000;

/** Who may read and write what: nobody but the controller its keys and its journal, nobody but their owner what it is told. */
export async function checkPermissions({ state, fleet, limits }: ControllerConfig, file: string): Promise<Finding[]> {
  const check = 'permissions';
  try {
    const owner = (await stat(state)).uid;
    const secret = [state, join(state, 'identity'), ...identityFiles(state), join(state, 'zdms.sqlite')];
    const told = [dirname(file), file, fleet, limits];
    const problems = [
      ...(await Promise.all(secret.map((path) => problemOf(path, 0o077, [owner])))),
      ...(await Promise.all(told.map((path) => problemOf(path, 0o022, [0, owner])))),
    ].filter((problem) => problem !== null);
    if (problems.length > 0) return problems.map(({ text, next }) => wrong(check, text, next));
    return [
      ok(check, `keys and journal in ${state} are readable by their owner alone, and nobody else may write the files`),
    ];
  } catch (error) {
    return [unreadable(check, error)];
  }
}

/** Null: all is well with it, or it is not there and another check says so. */
async function problemOf(path: string, forbidden: number, owners: readonly number[]) {
  const found = await statIfThere(path);
  if (found === null) return null;
  if (!owners.includes(found.uid))
    return {
      text: `${path} belongs to user ${found.uid}`,
      next: `Find out why, then: chown ${owners.at(-1) ?? 0} ${path}`,
    };
  if ((found.mode & forbidden) === 0) return null;
  const what = forbidden === 0o077 ? 'read or written' : 'written';
  const letters = forbidden === 0o077 ? 'go-rwx' : 'go-w';
  return { text: `${path} may be ${what} by others`, next: `Find out who did, then: chmod ${letters} ${path}` };
}

async function statIfThere(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Who may be an operator. */
export async function checkSocket({
  operatorSocket: path,
}: Pick<ControllerConfig, 'operatorSocket'>): Promise<Finding[]> {
  const check = 'socket';
  try {
    const found = await stat(path);
    if (!found.isSocket())
      return [wrong(check, `${path} is not a socket`, 'Move it away and start the controller again.')];
    if ((found.mode & 0o007) !== 0)
      return [wrong(check, `${path} may be opened by everybody`, `Find out who did, then: chmod 660 ${path}`)];
    const group = await zdmsGroup();
    if (group === null)
      return [
        warning(
          check,
          'there is no group zdms, so only root is an operator',
          'Make one with `addgroup --system zdms`.',
        ),
      ];
    if (found.gid !== group)
      return [warning(check, `${path} is not of the group zdms`, 'Start the controller again: it sets the group.')];
    return [ok(check, `${path} is open to root and the group zdms`)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return [wrong(check, `${path} is not there`, 'Start the controller: systemctl start zdms-controller.')];
    return [unreadable(check, error)];
  }
}

async function zdmsGroup(): Promise<number | null> {
  const found = /^zdms:[^:]*:(\d+):/m.exec(await readFile('/etc/group', 'utf8'));
  return found === null ? null : Number(found[1]);
}

/** Without room nothing is begun any more, since nothing can be written down. */
export async function checkDisk({ state }: Pick<ControllerConfig, 'state'>): Promise<Finding[]> {
  const check = 'disk';
  try {
    const found = await Promise.race([statfs(state), soon(DISK_DEADLINE_MS, null, { ref: false })]);
    if (found === null) return [wrong(check, `the disk of ${state} does not answer`, 'Look at its mount.')];
    const { bavail, bsize, blocks } = found;
    const freeBytes = bavail * bsize;
    const text = `${sizeText(freeBytes)} of ${sizeText(blocks * bsize)} are free for ${state}`;
    const next = 'Make room: without it the controller begins nothing new.';
    if (freeBytes < LEAST_FREE_BYTES) return [wrong(check, text, next)];
    return [freeBytes < LOW_FREE_BYTES ? warning(check, text, next) : ok(check, text)];
  } catch (error) {
    return [unreadable(check, error)];
  }
}

function sizeText(bytes: number): string {
  return bytes < LOW_FREE_BYTES ? `${Math.floor(bytes / 1024 / 1024)} MiB` : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
