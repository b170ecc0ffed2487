import { readFile } from 'node:fs/promises';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { FileOwner } from '../write-file-atomically.ts';

/** Looks a user up in the text of /etc/passwd; null when it is not there. */
export function findOwner(passwd: string, user: string): FileOwner | null {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === user);
  return fields === undefined ? null : { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** Throws ZDMS_AGENT_USER when this host has no such local user. */
export async function readOwner(user: string): Promise<FileOwner> {
  const owner = findOwner(await readFile('/etc/passwd', 'utf8'), user);
  if (owner !== null) return owner;
  throw new ZdmsError(
    'ZDMS_AGENT_USER',
    `this host has no user ${user}`,
    'install the package zdms-agent, which makes it: zdms host install',
  );
}
