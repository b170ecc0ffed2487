import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import type { Topology } from '../topology.ts';
import { mustRun, runCommand } from './command.ts';
import { BRIDGE, NETWORK_NAMESPACE, NETWORK_NAMESPACE_FILE } from './lab-layout.ts';

const NAMESPACE_DIRECTORY = '/run/netns';
const INOTIFY_LIMIT_FILE = '/proc/sys/fs/inotify/max_user_instances';
// Each systemd takes some ten; the kernel's default of 128 ends at about a dozen hosts.
const INOTIFY_INSTANCES = 4096;

/** Makes the lab's network: a namespace without a way out, and a bridge that has the controller's address. */
export async function createNetwork(topology: Topology): Promise<void> {
  await mustRun(['ip', 'netns', 'add', NETWORK_NAMESPACE]);
  await inNetwork(['link', 'set', 'lo', 'up']);
  await inNetwork(['link', 'add', BRIDGE, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0']);
  await inNetwork(['addr', 'add', `${topology.controllerAddress}/${String(topology.prefixLength)}`, 'dev', BRIDGE]);
  await inNetwork(['link', 'set', BRIDGE, 'up']);
}

/** Runs `ip` on the lab's network. */
export async function inNetwork(argv: readonly string[]): Promise<string> {
  return mustRun(['ip', '-n', NETWORK_NAMESPACE, ...argv]);
}

/** True when the interface exists in the lab's network and is switched on. */
export async function isLinkUp(name: string): Promise<boolean> {
  const result = await runCommand(['ip', '-n', NETWORK_NAMESPACE, '-oneline', 'link', 'show', 'dev', name]);
  return result.code === 0 && /<[^>]*\bUP\b[^>]*>/.test(result.stdout);
}

/** True when /run/netns is a mount of its own already; `ip netns add` makes it one. */
export function isNamespaceDirectoryMounted(): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${NAMESPACE_DIRECTORY} `);
}

/** Removes the lab's network, and the mount of /run/netns if the lab brought it and nobody else uses it. */
export async function removeNetwork(broughtNamespaceDirectory: boolean): Promise<void> {
  if (existsSync(NETWORK_NAMESPACE_FILE)) await mustRun(['ip', 'netns', 'delete', NETWORK_NAMESPACE]);
  const isUnused = existsSync(NAMESPACE_DIRECTORY) && readdirSync(NAMESPACE_DIRECTORY).length === 0;
  if (!broughtNamespaceDirectory || !isUnused) return;
  if (isNamespaceDirectoryMounted()) await mustRun(['umount', NAMESPACE_DIRECTORY]);
  rmdirSync(NAMESPACE_DIRECTORY);
}

/** Many systemds need more inotify instances than the default; the limit is only ever raised. */
export function raiseInotifyLimit(): void {
  if (Number(readFileSync(INOTIFY_LIMIT_FILE, 'utf8')) >= INOTIFY_INSTANCES) return;
  writeFileSync(INOTIFY_LIMIT_FILE, String(INOTIFY_INSTANCES));
}
