import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LabHost, Topology } from '../topology.ts';
import { mustRun } from './command.ts';
import { GUEST_REPOSITORY_KEY, guestFiles, type GuestFile } from './guest-files.ts';
import { diskDirectory, KNOWN_HOSTS_FILE, OPERATOR_KEY_FILE, REPOSITORY_PORT, SSH_CONFIG_FILE } from './lab-layout.ts';
import { ARMORED_KEY_FILE, PUBLIC_KEY_FILE, repositorySource } from './repository.ts';

const PRIVATE_DIRECTORY = 0o700;

/** Puts the files that make a host itself where it will find them. */
export type WriteFiles = (host: LabHost, files: readonly GuestFile[]) => Promise<void>;

/** Makes the operator's key and the ssh configuration, then the identity of each host. */
export async function createIdentities(topology: Topology, writeFiles: WriteFiles): Promise<void> {
  await mkdir(dirname(OPERATOR_KEY_FILE), { recursive: true, mode: PRIVATE_DIRECTORY });
  await generateKey(OPERATOR_KEY_FILE, 'zdms-lab-operator');
  await writeFile(SSH_CONFIG_FILE, sshConfig(topology));
  const publicKeys = await Promise.all(topology.hosts.map((host) => createIdentity(host, topology, writeFiles)));
  const knownHosts = topology.hosts.map((host, index) => `${host.name},${host.address} ${publicKeys[index] ?? ''}`);
  await writeFile(KNOWN_HOSTS_FILE, knownHosts.join(''));
}

async function generateKey(file: string, comment: string): Promise<void> {
  await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
}

function sshConfig(topology: Topology): string {
  const names = topology.hosts.map(
    (host) => `Host ${host.name}\n  HostName ${host.address}\n  HostKeyAlias ${host.name}\n`,
  );
  return `${names.join('')}
Host *
  User root
  IdentityFile ${quote(OPERATOR_KEY_FILE)}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${quote(KNOWN_HOSTS_FILE)}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  PasswordAuthentication no
  ConnectTimeout 5
  ServerAliveInterval 5
  ServerAliveCountMax 2
  LogLevel ERROR
`;
}

function quote(path: string): string {
  return `"${path}"`;
}

/** Returns the host's public key as a line. */
async function createIdentity(host: LabHost, topology: Topology, writeFiles: WriteFiles): Promise<string> {
  const disk = diskDirectory(host.name);
  await mkdir(disk, { recursive: true });
  const keyFile = join(disk, 'host-key');
  await generateKey(keyFile, host.name);
  const hostPublicKey = await readFile(`${keyFile}.pub`, 'utf8');
  const files = guestFiles(host, topology, {
    machineId: randomBytes(16).toString('hex'),
    hostKey: await readFile(keyFile, 'utf8'),
    hostPublicKey,
    operatorPublicKey: await readFile(`${OPERATOR_KEY_FILE}.pub`, 'utf8'),
    repositoryKey: await readFile(PUBLIC_KEY_FILE),
    rpmRepositoryKey: await readFile(ARMORED_KEY_FILE),
    rpmRepositoryUrl: `http://${topology.controllerAddress}:${String(REPOSITORY_PORT)}/rpm`,
    repositorySource: repositorySource(topology.controllerAddress, REPOSITORY_PORT, GUEST_REPOSITORY_KEY),
  });
  await writeFiles(host, files);
  return hostPublicKey;
}

/** Makes the empty disk of a container with these files on it. */
export async function createLayer(host: LabHost, files: readonly GuestFile[], baseDirectory: string): Promise<void> {
  const disk = diskDirectory(host.name);
  for (const name of ['upper', 'work', 'root']) await mkdir(join(disk, name), { recursive: true });
  for (const file of files) await writeToLayer(file, join(disk, 'upper'), baseDirectory);
}

async function writeToLayer(file: GuestFile, layer: string, baseDirectory: string): Promise<void> {
  await mirrorDirectory(dirname(file.path), layer, baseDirectory);
  const target = join(layer, file.path);
  await writeFile(target, file.content);
  await chmod(target, file.mode);
}

/** A directory of the upper layer also covers the mode of the one below, so it takes that mode over. */
async function mirrorDirectory(path: string, layer: string, baseDirectory: string): Promise<void> {
  if (path === '/') return;
  await mirrorDirectory(dirname(path), layer, baseDirectory);
  const target = join(layer, path);
  await mkdir(target, { recursive: true });
  const mode = await stat(join(baseDirectory, path)).then(
    (found) => found.mode & 0o7777,
    () => PRIVATE_DIRECTORY,
  );
  await chmod(target, mode);
}
