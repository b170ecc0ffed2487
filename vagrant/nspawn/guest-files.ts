import { etcdConfiguration } from '../etcd-configuration.ts';
import { haproxyConfiguration } from '../haproxy-configuration.ts';
import { rpmRepositoryFile } from './rpm-index.ts';
import type { LabHost, Topology } from '../topology.ts';

/** One file that makes a host itself, as against a copy of its role. */
export interface GuestFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string | Buffer;
}

/** What a host needs that no other host has, and what lets the lab in. Keys in the formats of OpenSSH. */
export interface GuestIdentity {
  readonly machineId: string;
  readonly hostKey: string;
  readonly hostPublicKey: string;
  readonly operatorPublicKey: string;
  readonly repositoryKey: Buffer;
  readonly repositorySource: string;
  /** The same for hosts of dnf and zypper: the key as text, and the URL. */
  readonly rpmRepositoryKey: Buffer;
  readonly rpmRepositoryUrl: string;
}

export const GUEST_REPOSITORY_KEY = '/usr/share/keyrings/zlab.gpg';
const GUEST_RPM_KEY = '/usr/share/keyrings/zlab.asc';
const RPM_REPOSITORY_FILES = { dnf: '/etc/yum.repos.d/zlab.repo', zypper: '/etc/zypp/repos.d/zlab.repo' } as const;

/** The files of one host's own disk layer. */
export function guestFiles(host: LabHost, topology: Topology, identity: GuestIdentity): GuestFile[] {
  const files: GuestFile[] = [
    { path: '/etc/hostname', mode: 0o644, content: `${host.name}\n` },
    { path: '/etc/hosts', mode: 0o644, content: hostsFile(topology) },
    { path: '/etc/machine-id', mode: 0o444, content: `${identity.machineId}\n` },
    { path: '/etc/systemd/network/10-host0.network', mode: 0o644, content: networkFile(host, topology) },
    { path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: identity.hostKey },
    { path: '/etc/ssh/ssh_host_ed25519_key.pub', mode: 0o644, content: identity.hostPublicKey },
    { path: '/root/.ssh/authorized_keys', mode: 0o600, content: identity.operatorPublicKey },
    { path: GUEST_REPOSITORY_KEY, mode: 0o644, content: identity.repositoryKey },
    { path: '/etc/apt/sources.list.d/zlab.sources', mode: 0o644, content: identity.repositorySource },
  ];
  if (host.role === 'lb')
    files.push({ path: '/etc/haproxy/haproxy.cfg', mode: 0o644, content: haproxyConfiguration(topology) });
  if (host.role === 'etcd')
    files.push({ path: '/etc/default/etcd', mode: 0o644, content: etcdConfiguration(host, topology) });
  if (host.role === 'dnf' || host.role === 'zypper') {
    const content = rpmRepositoryFile(identity.rpmRepositoryUrl, GUEST_RPM_KEY);
    files.push({ path: GUEST_RPM_KEY, mode: 0o644, content: identity.rpmRepositoryKey });
    files.push({ path: RPM_REPOSITORY_FILES[host.role], mode: 0o644, content });
  }
  return files;
}

function hostsFile(topology: Topology): string {
  const hosts = topology.hosts.map((host) => `${host.address} ${host.name}\n`);
  return `127.0.0.1 localhost\n::1 localhost\n${topology.controllerAddress} controller\n${hosts.join('')}`;
}

// The name sorts before nspawn's own file for the same interface, which would ask for DHCP. eth1 is what a virtual machine has instead.
function networkFile(host: LabHost, topology: Topology): string {
  return `[Match]\nName=host0 eth1\n\n[Network]\nAddress=${host.address}/${String(topology.prefixLength)}\nLinkLocalAddressing=no\n`;
}
