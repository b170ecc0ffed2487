import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { etcdConfiguration } from '../../vagrant/etcd-configuration.ts';
import { readTopology } from '../../vagrant/topology.ts';

describe('the configuration of an etcd member', () => {
  const topology = readTopology('small');
  const host = topology.hosts.find((each) => each.name === 'etcd-2');
  assert.ok(host);
  const lines = etcdConfiguration(host, topology).split('\n');

  it('has the name of its host', () => {
    assert.ok(lines.includes('ETCD_NAME=etcd-2'));
  });

  it('names every etcd host of the lab as a member and no other host', () => {
    const members = lines.find((line) => line.startsWith('ETCD_INITIAL_CLUSTER='));

    assert.equal(
      members,
      'ETCD_INITIAL_CLUSTER=etcd-1=http://10.77.1.21:2380,etcd-2=http://10.77.1.22:2380,etcd-3=http://10.77.1.23:2380',
    );
  });

  it('serves clients on its own address and on the loopback, and peers on its own address', () => {
    assert.ok(lines.includes('ETCD_LISTEN_CLIENT_URLS=http://10.77.1.22:2379,http://127.0.0.1:2379'));
    assert.ok(lines.includes('ETCD_LISTEN_PEER_URLS=http://10.77.1.22:2380'));
  });
});
