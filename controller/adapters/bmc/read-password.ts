import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { BmcError } from '../../ports/bmc.ts';

/** Others may do nothing with it; its group may read it, which is how a file of root's reaches the controller's own user. */
const forbiddenMode = 0o027;
/** Longer ones are something else (bytes). */
const fileBytesMax = 4096;
/** Opening a pipe would wait for its writer. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/** The first line of the file. Throws BmcError `unreachable`: without a password nothing is sent. */
export function readPassword(file: string, ownUser: number | undefined = process.getuid?.()): string {
  const text = readGuarded(file, ownUser);
  const [password = ''] = text.split(/\r?\n/, 1);
  if (password === '') throw unreadable(`${file} has no password in its first line`);
  return password;
}

function readGuarded(file: string, ownUser: number | undefined): string {
  const descriptor = open(file);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw unreadable(`${file} is not a file`);
    if (stats.uid !== 0 && stats.uid !== ownUser) {
      throw unreadable(`${file} belongs to user ${stats.uid}: only root or the controller's own user may own it`);
    }
    if ((stats.mode & forbiddenMode) !== 0) {
      throw unreadable(`${file} may be read by others, or written by its group: chmod 640 ${file}`);
    }
    if (stats.size > fileBytesMax) throw unreadable(`${file} is longer than ${fileBytesMax} bytes`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function open(file: string): number {
  try {
    return openSync(file, openFlags);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

function unreadable(detail: string): BmcError {
  return new BmcError('unreachable', `the password of the management controller: ${detail}`);
}
