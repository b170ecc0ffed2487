import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostDocument } from '../../proto/zdms/v1/documents.ts';
import { labPaths, labTopology } from '../../vagrant/nspawn/lab.ts';
import { install, on, put, until, type Version } from './packaged-lab.ts';

/** The host that the controller runs on. */
export const CONTROLLER_HOST = 'ctl';
export const CONTROLLER_UNIT = 'zdms-controller.service';
const LISTEN = '10.77.1.5:7443';
const FLEET = join(import.meta.dirname, 'fleet.yaml');

/** Runs `zdms` on the controller's host and returns what it printed. Throws Error when it ends with another code than 0. */
export function zdms(...argv: readonly string[]): Promise<string> {
  return on(CONTROLLER_HOST, 'zdms', ...argv);
}

/** The same, with a document for an answer. */
export async function ask<T>(...argv: readonly string[]): Promise<T> {
  return JSON.parse(await zdms(...argv, '-o', 'json')) as T;
}

/**
 * What a user does to come from a package to a fleet: installs the controller, sets it up, starts it, and puts the agent that came with it
 * on the other hosts of the lab. Returns when each of them serves.
 */
export async function setUpFleet(version: Version): Promise<void> {
  await install(CONTROLLER_HOST, 'controller', version);
  await zdms('init', '--fleet-name', 'lab', '--listen', LISTEN);
  await put(CONTROLLER_HOST, '/etc/zdms/fleet.yaml', readFileSync(FLEET));
  await on(CONTROLLER_HOST, 'systemctl', 'start', CONTROLLER_UNIT);
  await installAgents();
  const members = labTopology().hosts.length - 1;
  await until(
    'every host is connected, surveyed, and serves',
    () => ask<readonly HostDocument[]>('host', 'ls'),
    (hosts) =>
      hosts.length === members &&
      hosts.every((host) => host.connected && host.surveyedAt !== null && host.reason === null),
  );
}

async function installAgents(): Promise<void> {
  const { operatorKeyFile, knownHostsFile } = labPaths();
  const hosts = labTopology().hosts.filter((host) => host.name !== CONTROLLER_HOST);
  const lines = hosts.map(
    ({ name, address, role, zone, rack }) => `root@${address} id=${name} role=${role} zone=${zone} rack=${rack}\n`,
  );
  await put(CONTROLLER_HOST, '/root/hosts.txt', lines.join(''));
  await put(CONTROLLER_HOST, '/root/known_hosts', readFileSync(knownHostsFile));
  await on(CONTROLLER_HOST, 'install', '--mode=0600', '/dev/null', '/root/operator');
  await put(CONTROLLER_HOST, '/root/operator', readFileSync(operatorKeyFile));
  const keys = ['--identity', '/root/operator', '--known-hosts', '/root/known_hosts'];
  await zdms('host', 'install', '-f', '/root/hosts.txt', '--yes', ...keys);
}
