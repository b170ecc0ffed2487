import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** What judges the files below a path. */
export type Validator = { readonly prefix: string; readonly program: string; readonly arguments: readonly string[] };

/**
 * The programs that say of their own configuration whether they would start with it. Closed on purpose: what could be left out by an
 * option would be forgotten by somebody. `/etc/sudoers` is the file and the directory: neither is worth being locked out for.
 */
export const validators: readonly Validator[] = [
  { prefix: '/etc/nginx/', program: 'nginx', arguments: ['-t'] },
  { prefix: '/etc/ssh/', program: 'sshd', arguments: ['-t'] },
  { prefix: '/etc/haproxy/', program: 'haproxy', arguments: ['-c', '-f', '/etc/haproxy/haproxy.cfg'] },
  { prefix: '/etc/sudoers', program: 'visudo', arguments: ['-c'] },
];

const PROGRAM_DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

/** Where a program lies, or null; sshd tests nothing unless it is called by its whole path. */
export async function findProgram(name: string): Promise<string | null> {
  const places = isAbsolute(name) ? [name] : PROGRAM_DIRECTORIES.map((directory) => join(directory, name));
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  return null;
}
