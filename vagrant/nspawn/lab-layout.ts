import { join, resolve } from 'node:path';

/** The checkout this lab belongs to. */
export const CHECKOUT = join(import.meta.dirname, '..', '..');
export const PROVISION_DIRECTORY = join(import.meta.dirname, '..', 'provision');

/** Built once and kept; ZDMS_LAB_CACHE moves it to another file system when the checkout's own cannot hold overlay layers. */
export const CACHE_DIRECTORY = resolve(process.env['ZDMS_LAB_CACHE'] ?? join(CHECKOUT, '.cache', 'lab'));
/** All run-time state of a lab: host disks, keys, repository, logs. Removed by `down`. */
export const RUN_DIRECTORY = join(CACHE_DIRECTORY, 'run');
export const STATE_FILE = join(RUN_DIRECTORY, 'state.json');
export const LOG_DIRECTORY = join(RUN_DIRECTORY, 'log');
export const OPERATOR_KEY_FILE = join(RUN_DIRECTORY, 'ssh', 'operator');
export const KNOWN_HOSTS_FILE = join(RUN_DIRECTORY, 'ssh', 'known_hosts');
export const SSH_CONFIG_FILE = join(RUN_DIRECTORY, 'ssh', 'config');
export const REPOSITORY_DIRECTORY = join(RUN_DIRECTORY, 'repository');
export const REPOSITORY_PORT = 8080;

/** There is one lab per machine, since these names are the machine's. */
export const MARKER_FILE = '/run/zdms-lab.json';
/** For what must not be left behind by a crash but needs a short path. */
export const TEMPORARY_DIRECTORY = '/run/zdms-lab.tmp';
export const NETWORK_NAMESPACE = 'zlab';
export const NETWORK_NAMESPACE_FILE = `/run/netns/${NETWORK_NAMESPACE}`;
export const BRIDGE = 'br-lab';
export const CGROUP_NAME = 'zdms-lab';

/** The directory that holds one host's disk layer. */
export function diskDirectory(host: string): string {
  return join(RUN_DIRECTORY, 'hosts', host);
}

/** The machine's end of a host's network cable. */
export function cableOf(host: string): string {
  return `vb-${host}`;
}
