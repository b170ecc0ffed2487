import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { parseTopology, readTopology } from '../../vagrant/topology.ts';

const HEAD = 'name: test\nnetwork: 10.9.0.0/24\nhosts:\n';
const WEB = '  web-1: { role: web, zone: a, rack: a1, address: 10.9.0.11 }\n';
const BALANCER = '  lb-1: { role: lb, zone: a, rack: a1, address: 10.9.0.2 }\n';

function problemsOf(text: string): string[] {
  try {
    parseTopology(text, 'test.yaml');
  } catch (error) {
    assert.ok(error instanceof ZdmsError);
    assert.equal(error.code, 'ZDMS_LAB_TOPOLOGY_INVALID');
    return error.message.split('\n');
  }
  return [];
}

describe('a topology', () => {
  it('keeps its hosts in the order of the file and gives the controller the first address', () => {
    const topology = parseTopology(HEAD + WEB + BALANCER, 'test.yaml');

    assert.deepEqual(
      topology.hosts.map((host) => host.name),
      ['web-1', 'lb-1'],
    );
    assert.equal(topology.controllerAddress, '10.9.0.1');
    assert.equal(topology.prefixLength, 24);
  });

  it('is default with six web hosts in three zones, two balancers and one etcd member in each rack', () => {
    const { hosts } = readTopology('default');
    const web = hosts.filter((host) => host.role === 'web');

    assert.equal(web.length, 6);
    assert.equal(new Set(web.map((host) => host.zone)).size, 3);
    assert.equal(hosts.filter((host) => host.role === 'lb').length, 2);
    const racksOfMembers = hosts.filter((host) => host.role === 'etcd').map((host) => host.rack);
    assert.deepEqual(racksOfMembers.toSorted(), [...new Set(hosts.map((host) => host.rack))].toSorted());
  });

  it('is small with three web hosts in three zones, two balancers and three etcd members', () => {
    const { hosts } = readTopology('small');

    assert.equal(new Set(hosts.filter((host) => host.role === 'web').map((host) => host.zone)).size, 3);
    assert.equal(hosts.filter((host) => host.role === 'etcd').length, 3);
    assert.equal(hosts.length, 8);
  });

  it('is packaged with a host for the controller beside two web hosts in two zones and their balancer', () => {
    const { hosts } = readTopology('packaged');

    assert.deepEqual(
      hosts.map((host) => `${host.role} ${host.zone}`),
      ['ctl a', 'web a', 'web b', 'lb a'],
    );
  });

  for (const name of ['nope', '../topologies/small', '']) {
    it(`is not found by the name '${name}'`, () => {
      assert.throws(() => readTopology(name), { code: 'ZDMS_LAB_TOPOLOGY_UNKNOWN' });
    });
  }
});

describe('a topology file with a mistake is refused with file, line and field', () => {
  const cases: readonly { readonly mistake: string; readonly text: string; readonly expected: RegExp }[] = [
    { mistake: 'broken YAML', text: 'name: [', expected: /^test\.yaml:\d+: / },
    { mistake: 'an empty file', text: '', expected: /^test\.yaml:1: / },
    {
      mistake: 'an unknown role',
      text: HEAD + WEB + BALANCER.replace('role: lb', 'role: db'),
      expected: /^test\.yaml:5: hosts\.lb-1\.role: expected web, lb, etcd, dnf, zypper or ctl$/,
    },
    {
      mistake: 'an unknown key',
      text: HEAD + WEB.replace('zone: a', 'zone: a, colour: red') + BALANCER,
      expected: /^test\.yaml:4: hosts\.web-1\.colour: unknown key$/,
    },
    {
      mistake: 'a host without a rack',
      text: HEAD + WEB.replace('rack: a1, ', '') + BALANCER,
      expected: /^test\.yaml:4: hosts\.web-1\.rack: /,
    },
    {
      mistake: 'a host name that is too long for its cable',
      text: HEAD + WEB.replace('web-1', 'web-123456789') + BALANCER,
      expected: /^test\.yaml:4: hosts\.web-123456789: expected at most 12 characters$/,
    },
    {
      mistake: 'something that is no address',
      text: HEAD + WEB.replace('10.9.0.11', '10.9.0.999') + BALANCER,
      expected: /^test\.yaml:4: hosts\.web-1\.address: expected an IPv4 address/,
    },
    {
      mistake: 'an address used twice',
      text: HEAD + WEB + BALANCER.replace('10.9.0.2', '10.9.0.11'),
      expected: /^test\.yaml:5: hosts\.lb-1\.address: 10\.9\.0\.11 is the address of web-1$/,
    },
    {
      mistake: 'an address outside the network',
      text: HEAD + WEB.replace('10.9.0.11', '10.9.1.11') + BALANCER,
      expected: /^test\.yaml:4: hosts\.web-1\.address: expected an address in 10\.9\.0\.0\/24/,
    },
    {
      mistake: "the controller's address",
      text: HEAD + WEB + BALANCER.replace('10.9.0.2', '10.9.0.1'),
      expected: /^test\.yaml:5: hosts\.lb-1\.address: expected an address in/,
    },
    {
      mistake: 'a rack in two zones',
      text: HEAD + WEB + BALANCER.replace('zone: a', 'zone: b'),
      expected: /^test\.yaml:5: hosts\.lb-1\.rack: rack a1 is already in zone a$/,
    },
    {
      mistake: 'no balancer',
      text: HEAD + WEB,
      expected: /^test\.yaml:4: hosts: expected at least one host with role lb$/,
    },
  ];
  for (const { mistake, text, expected } of cases) {
    it(mistake, () => {
      assert.match(problemsOf(text)[0] ?? 'accepted', expected);
    });
  }

  it('reports several mistakes at once', () => {
    const text = HEAD + WEB.replace('role: web', 'role: db') + BALANCER.replace('zone: a', 'zone: A');

    assert.equal(problemsOf(text).length, 2);
  });
});
