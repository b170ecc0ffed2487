import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { haproxyConfiguration } from '../../vagrant/haproxy-configuration.ts';
import { readTopology } from '../../vagrant/topology.ts';

describe('the configuration of a balancer', () => {
  const lines = haproxyConfiguration(readTopology('small'))
    .split('\n')
    .map((line) => line.trim());

  it('names each web host and no balancer as a server', () => {
    const servers = lines.filter((line) => line.startsWith('server '));

    assert.deepEqual(servers, [
      'server web-1 10.77.1.11:80 check',
      'server web-2 10.77.1.12:80 check',
      'server web-3 10.77.1.13:80 check',
    ]);
  });

  it('tries nothing twice, so that a failure is seen', () => {
    assert.ok(lines.includes('retries 0'));
    assert.ok(!lines.some((line) => line.startsWith('option redispatch') || line.startsWith('retry-on')));
  });

  it('keeps no server state over a restart', () => {
    assert.ok(!lines.some((line) => line.includes('server-state')));
  });
});
