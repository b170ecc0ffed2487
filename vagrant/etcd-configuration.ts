import type { LabHost, Topology } from './topology.ts';

const CLIENT_PORT = 2379;
const PEER_PORT = 2380;

/**
 * The environment file of one etcd member (etcd 3.4): a static cluster of all hosts of that role, each under its host's name.
 * Clients are served on the host's own address and on the loopback.
 */
export function etcdConfiguration(host: LabHost, topology: Topology): string {
  const members = topology.hosts.filter((each) => each.role === 'etcd');
  const variables = {
    ETCD_NAME: host.name,
    ETCD_DATA_DIR: '/var/lib/etcd/default',
    ETCD_LISTEN_PEER_URLS: url(host.address, PEER_PORT),
    ETCD_LISTEN_CLIENT_URLS: `${url(host.address, CLIENT_PORT)},${url('127.0.0.1', CLIENT_PORT)}`,
    ETCD_INITIAL_ADVERTISE_PEER_URLS: url(host.address, PEER_PORT),
    ETCD_ADVERTISE_CLIENT_URLS: url(host.address, CLIENT_PORT),
    ETCD_INITIAL_CLUSTER: members.map((each) => `${each.name}=${url(each.address, PEER_PORT)}`).join(','),
    ETCD_INITIAL_CLUSTER_STATE: 'new',
    ETCD_INITIAL_CLUSTER_TOKEN: `zdms-lab-${topology.name}`,
    // The disk is shared by all hosts and two cores are soon busy: a heartbeat that is a moment late must not cost the leader its place.
    ETCD_HEARTBEAT_INTERVAL: '200',
    ETCD_ELECTION_TIMEOUT: '2000',
    // As etcd does from 3.5 on: a member that was cut off and comes back does not unseat the leader.
    ETCD_PRE_VOTE: 'true',
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function url(address: string, port: number): string {
  return `http://${address}:${String(port)}`;
}
