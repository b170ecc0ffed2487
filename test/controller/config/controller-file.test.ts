import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BmcAccess } from '../../../controller/adapters/bmc/bmc-access.ts';
import { bmcOf } from '../../../controller/adapters/bmc/index.ts';
import { parseControllerConfig } from '../../../controller/config/controller-file.ts';
import { defaultTiming } from '../../../controller/core/timing.ts';
import { linesOf } from './problems-of.ts';

describe('controller.yaml', () => {
  it('may be empty: listeners are on loopback then', () => {
    assert.deepEqual(parseControllerConfig('', 'controller.yaml'), {
      agents: { listen: { host: '127.0.0.1', port: 7443 }, advertise: '127.0.0.1:7443' },
      operatorSocket: '/run/zdms/operator.sock',
      state: '/var/lib/zdms/controller',
      fleet: '/etc/zdms/fleet.yaml',
      limits: '/etc/zdms/limits.yaml',
      metrics: null,
      bmc: new Map(),
      timing: defaultTiming,
    });
  });

  it('says where agents come in, and overrides single times', () => {
    const text = `agents: {listen: "[fd00::1]:7000", advertise: "zdms.example:7000"}
state: /srv/zdms
limits: /srv/zdms/limits.yaml
metrics: {listen: "127.0.0.1:9464"}
timing: {beatMs: 200}
`;

    const config = parseControllerConfig(text, 'controller.yaml');

    assert.deepEqual(config.agents, { listen: { host: 'fd00::1', port: 7000 }, advertise: 'zdms.example:7000' });
    assert.equal(config.state, '/srv/zdms');
    assert.deepEqual(config.metrics, { listen: { host: '127.0.0.1', port: 9464 } });
    assert.deepEqual(config.timing, { ...defaultTiming, beatMs: 200 });
  });

  it('says where management controllers are', () => {
    const text = `bmc:
  web-1: {ipmi: {address: 10.0.9.1, user: zdms, passwordFile: /etc/zdms/bmc-password}}
  web-2: {redfish: {url: "https://10.0.9.2", user: zdms, passwordFile: /etc/zdms/bmc-password, fingerprint: "${'AB:'.repeat(31)}AB"}}
  web-3: {redfish: {url: "https://bmc-3.example:8443", user: zdms, passwordFile: /etc/p, caFile: /etc/ca.pem, system: /redfish/v1/Systems/1}}
  web-4: {ipmi: {address: bmc-4.example, port: 1623, user: zdms, passwordFile: /etc/p, cipherSuite: 17}}
  web-5: {libvirt: {uri: "qemu+ssh://zdms@kvm-1/system?no_tty=1", domain: shop_web-5}}
`;

    const { bmc } = parseControllerConfig(text, 'controller.yaml');

    const account = { user: 'zdms', passwordFile: '/etc/zdms/bmc-password' };
    assert.deepEqual(Object.fromEntries(bmc), {
      'web-1': { kind: 'ipmi', address: '10.0.9.1', port: 623, cipherSuite: 3, ...account },
      'web-2': {
        kind: 'redfish',
        url: 'https://10.0.9.2',
        trust: { kind: 'fingerprint', sha256: 'ab'.repeat(32) },
        system: null,
        ...account,
      },
      'web-3': {
        kind: 'redfish',
        url: 'https://bmc-3.example:8443',
        user: 'zdms',
        passwordFile: '/etc/p',
        trust: { kind: 'ca-file', file: '/etc/ca.pem' },
        system: '/redfish/v1/Systems/1',
      },
      'web-4': {
        kind: 'ipmi',
        address: 'bmc-4.example',
        port: 1623,
        user: 'zdms',
        passwordFile: '/etc/p',
        cipherSuite: 17,
      },
      'web-5': { kind: 'libvirt', uri: 'qemu+ssh://zdms@kvm-1/system?no_tty=1', domain: 'shop_web-5' },
    });
  });

  it('describes management controllers as the adapters want them', () => {
    const text = 'bmc: {web-1: {ipmi: {address: 10.0.9.1, user: zdms, passwordFile: /etc/p}}}';

    // The compiler compares the two: neither may import the other.
    const access: BmcAccess | undefined = parseControllerConfig(text, 'controller.yaml').bmc.get('web-1');

    assert.ok(access !== undefined);
    assert.equal(bmcOf(access).firmware, null);
  });

  const account = 'user: a, passwordFile: /p';
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'a listener without a port',
      'agents: {listen: 10.0.0.1}',
      '1 agents.listen: "10.0.0.1" is not an address and a port',
    ],
    [
      'a listener on a name',
      'agents: {listen: "zdms.example:7443"}',
      '1 agents.listen: "zdms.example:7443" is not an address and a port',
    ],
    [
      'a port that cannot be',
      'agents: {advertise: "a:70000"}',
      '1 agents.advertise: "a:70000" is not a host and a port',
    ],
    ['metrics nowhere', 'metrics: {}', '1 metrics.listen: it is missing'],
    ['a relative path', 'state: var', '1 state: "var" is not an absolute path'],
    ['an unknown time', 'timing: {beetMs: 5}', '1 timing.beetMs: there is no such field: did you mean beatMs?'],
    ['a time of 0', 'timing: {beatMs: 0}', '1 timing.beatMs: 0 is not a whole number, 1 or more'],
    [
      'a management controller by no protocol',
      'bmc: {web-1: {}}',
      '1 bmc.web-1: it says neither ipmi nor redfish nor libvirt',
    ],
    [
      'a management controller of two hosts',
      `bmc:\n  web-1: {ipmi: {address: a, ${account}}}\n  web-2: {ipmi: {address: a, ${account}}}`,
      '3 bmc.web-2: it is the machine of web-1, whose power would be cycled for it',
    ],
    [
      'a management controller by two protocols',
      `bmc: {web-1: {ipmi: {address: a, ${account}}, redfish: {url: "https://a", ${account}}}}`,
      '1 bmc.web-1: it says ipmi and redfish',
    ],
    [
      'a virtual machine of two hosts',
      'bmc:\n  web-1: {libvirt: {uri: "qemu:///system", domain: a}}\n  web-2: {libvirt: {uri: "qemu:///system", domain: a}}',
      '3 bmc.web-2: it is the machine of web-1, whose power would be cycled for it',
    ],
    [
      'a virtual machine by a number, which changes with each start',
      'bmc: {web-1: {libvirt: {uri: "qemu:///system", domain: "17"}}}',
      '1 bmc.web-1.libvirt.domain: "17" is not the name of a domain',
    ],
    [
      'a hypervisor whose URI has a password in it',
      'bmc: {web-1: {libvirt: {uri: "qemu+tls://zdms:secret@kvm-1/system", domain: a}}}',
      '1 bmc.web-1.libvirt.uri: "qemu+tls://zdms:secret@kvm-1/system" is not a URI of libvirt without a password',
    ],
    [
      'a management controller of a name that no host has',
      `bmc: {Web_1: {ipmi: {address: a, ${account}}}}`,
      '1 bmc.Web_1: "Web_1" is not a host id with its management controller',
    ],
    [
      'a management controller without TLS',
      `bmc:\n  web-1: {redfish: {url: "http://10.0.9.2", ${account}}}`,
      '2 bmc.web-1.redfish.url: "http://10.0.9.2" is not an https address without a path',
    ],
    [
      'a user who could be taken for an address of a URL',
      `bmc: {web-1: {redfish: {url: "https://a@b", ${account}}}}`,
      '1 bmc.web-1.redfish.url: "https://a@b" is not an https address without a path',
    ],
    [
      'a management controller that would be an option',
      `bmc: {web-1: {ipmi: {address: "-P", ${account}}}}`,
      '1 bmc.web-1.ipmi.address: "-P" is not an address',
    ],
    [
      'a password in the file itself',
      `bmc: {web-1: {ipmi: {address: a, ${account}, password: secret}}}`,
      '1 bmc.web-1.ipmi.password: there is no such field',
    ],
    [
      'a user with a colon',
      'bmc: {web-1: {ipmi: {address: a, user: "a:b", passwordFile: /p}}}',
      '1 bmc.web-1.ipmi.user: "a:b" is not a name',
    ],
    [
      'a fingerprint that is too short',
      `bmc: {web-1: {redfish: {url: "https://a", ${account}, fingerprint: "abcd"}}}`,
      '1 bmc.web-1.redfish.fingerprint: "abcd" is not a SHA-256 in hex digits',
    ],
    [
      'a fingerprint and authorities',
      `bmc: {web-1: {redfish: {url: "https://a", ${account}, fingerprint: "${'ab'.repeat(32)}", caFile: /ca}}}`,
      '1 bmc.web-1.redfish.caFile: the certificate is pinned by fingerprint already',
    ],
    [
      'a system elsewhere',
      `bmc: {web-1: {redfish: {url: "https://a", ${account}, system: "https://b/redfish/v1/Systems/1"}}}`,
      '1 bmc.web-1.redfish.system: "https://b/redfish/v1/Systems/1" is not a path of Redfish',
    ],
    ['an unknown key', 'agent: {}', '1 agent: there is no such field: did you mean agents?'],
  ];
  for (const [what, text, expected] of cases) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(
        linesOf(() => parseControllerConfig(text, 'controller.yaml')),
        [expected],
      );
    });
  }
});
