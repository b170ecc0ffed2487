import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mustRun } from '../nspawn/command.ts';
import type { GuestFile } from '../nspawn/guest-files.ts';
import { writeProvision } from '../nspawn/host-system.ts';
import { diskDirectory, RUN_DIRECTORY } from '../nspawn/lab-layout.ts';
import type { LabHost } from '../topology.ts';

/** NAME.tar for each host: what its Vagrantfile unpacks over the box. */
export const FILES_DIRECTORY = join(RUN_DIRECTORY, 'files');
const PROVISION = 'var/tmp/provision';

/** Packs a host's own files and what the script of its role works with. Only files, so that directories keep their modes. */
export async function packFiles(host: LabHost, files: readonly GuestFile[]): Promise<void> {
  const root = join(diskDirectory(host.name), 'files');
  // Its first boot has given the machine an id of its own.
  const own = files.filter((file) => file.path !== '/etc/machine-id');
  for (const file of own) {
    const target = join(root, file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, file.content);
    await chmod(target, file.mode);
  }
  const provision = join(root, PROVISION);
  await writeProvision(host.role, provision);
  const paths = [
    ...own.map((file) => file.path.slice(1)),
    ...(await readdir(provision)).map((name) => join(PROVISION, name)),
  ];
  await mkdir(FILES_DIRECTORY, { recursive: true });
  await mustRun([
    'tar',
    '--create',
    '--file',
    join(FILES_DIRECTORY, `${host.name}.tar`),
    '--directory',
    root,
    ...paths,
  ]);
}
