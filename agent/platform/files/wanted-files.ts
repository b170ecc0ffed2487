import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileAction, OrderedFile } from '../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';
import type { FileState } from './file-state.ts';
import { kindAt } from './file-state.ts';
import { readMountPoints } from './mount-points.ts';

const GETENT_TIMEOUT_MS = 15_000;
const NUMBER_FIELD = 2;
/** By group or by all. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * By these a host keeps its own say: whom it believes, that it may be frozen, the one command that a controller may start. A change
 * that could rewrite them could free itself of every limit. What packages own, and what is no disk, is no place for files either.
 */
const OUT_OF_REACH = [
  ...['/etc/zdms/', '/var/lib/zdms', '/etc/sudoers.d/zdms', '/etc/ssh/sshd_config.d/zdms.conf'],
  ...['/usr/', '/boot/', '/dev/', '/proc/', '/run/', '/sys/'],
];

/** A file of an order, as this host has to write it. `path` is that of the order, `realPath` that on the disk. */
export type WantedFile = {
  readonly path: string;
  readonly realPath: string;
  readonly state: FileState;
  readonly then: FileAction;
};

export function refusal(path: string, problem: string, next: string): StepFailure {
  return new StepFailure('file-refused', `${path}: ${problem}. Next: ${next}`);
}

/** Resolves owners and groups to this host's numbers. Throws `file-refused` for one that it does not know. */
export async function wantedFiles(
  commands: Commands,
  root: string,
  files: readonly OrderedFile[],
): Promise<readonly WantedFile[]> {
  const numbers = new Map<string, Promise<number | null>>();
  function numberOf(database: 'passwd' | 'group', name: string): Promise<number | null> {
    const key = `${database} ${name}`;
    const asked = numbers.get(key) ?? accountNumber(commands, database, name);
    numbers.set(key, asked);
    return asked;
  }
  return Promise.all(
    files.map(async ({ path, content, mode, owner, group, then }) => {
      const uid = await numberOf('passwd', owner);
      const gid = await numberOf('group', group);
      if (uid === null) throw refusal(path, `this host knows no user ${owner}`, `make it there, or name another owner`);
      if (gid === null)
        throw refusal(path, `this host knows no group ${group}`, `make it there, or name another group`);
      return {
        path,
        realPath: join(root, path),
        state: { content: Buffer.from(content, 'utf8'), mode, uid, gid },
        then,
      };
    }),
  );
}

async function accountNumber(commands: Commands, database: 'passwd' | 'group', name: string): Promise<number | null> {
  const { exitCode, stdout } = await commands.run(['getent', database, name], { timeoutMs: GETENT_TIMEOUT_MS });
  const number = Number(stdout.split('\n')[0]?.split(':')[NUMBER_FIELD]);
  return exitCode === 0 && Number.isInteger(number) ? number : null;
}

/** Throws `file-refused` where one of them cannot be put there as a regular file of an existing directory. */
export async function refuseUnfit(root: string, wanted: readonly WantedFile[]): Promise<void> {
  const mountPoints = await readMountPoints();
  for (const [index, { path, realPath }] of wanted.entries()) {
    if (wanted.findIndex((other) => other.path === path) !== index)
      throw refusal(path, 'the order names it twice', 'say once what it is to hold');
    if (OUT_OF_REACH.some((reserved) => path.startsWith(reserved)))
      throw refusal(path, 'no change may write there', 'leave it to the package that owns it, or to root of that host');
    await refuseParent(root, path, realPath);
    if ((await kindAt(realPath)) === 'other')
      throw refusal(
        path,
        'a link, a directory or a device is there, and only regular files are replaced',
        'name the file itself, or remove what is there',
      );
    if (mountPoints.includes(realPath))
      throw refusal(path, 'something is mounted on it', 'change it where it is mounted from');
  }
}

/** By way of a link, a file could come into force without the check that its real place has. */
async function refuseParent(root: string, path: string, realPath: string): Promise<void> {
  const parent = dirname(realPath);
  const real = await realpath(parent).catch(() => null);
  if (real === null)
    throw refusal(path, `its directory ${dirname(path)} is not there`, 'install what brings it, or make it');
  if (dirname(path) === '/')
    throw refusal(path, 'nothing is put into / itself', 'choose a directory that belongs to the program');
  const expected = join(await realpath(root), dirname(path));
  if (real !== expected)
    throw refusal(path, `its directory is a link to ${real}`, 'name the file by its real path in the change');
  await refuseOthersDirectory(root, path);
  const isWritable = await access(parent, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable) throw refusal(path, 'its directory cannot be written', 'look at how it is mounted');
}

/** Whoever may write into a directory on the way could put a link there between a look and a write, and have root follow it. */
async function refuseOthersDirectory(root: string, path: string): Promise<void> {
  for (let directory = dirname(path); directory !== '/'; directory = dirname(directory)) {
    const { uid, mode } = await stat(join(root, directory));
    if (uid !== 0 || (mode & WRITABLE_BY_OTHERS) !== 0)
      throw refusal(path, `others than root may write into ${directory}`, 'choose a directory of root alone');
  }
}
