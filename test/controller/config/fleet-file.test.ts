import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { ConfigError } from '../../../controller/config/config-error.ts';
import { parseFleet } from '../../../controller/config/fleet-file.ts';
import { hostIdPattern } from '../../../controller/config/selector.ts';
import { hostId } from '../../../proto/zdms/v1/executor.ts';
import { linesOf, problemsOf } from './problems-of.ts';

const good = `fleet: shop-eu
topology: [zone, rack]
services:
  web:
    hosts: {role: web}
    size: 6
    keepUp: 4
    oneAtATime: rack
    pool: {haproxy: [lb-1, lb-2], backend: web}
    check: {http: ":8080/healthz"}
    probe: {url: "http://shop.example/", perSecond: 50}
  edge: {hosts: [lb-1, lb-2], size: 2, keepUp: 1}
policy: {onFailure: undo, stopAfter: {hosts: 2}}
`;

/** A fleet whose one service has these fields. */
function withService(...fields: string[]): string {
  return ['fleet: shop', 'topology: [zone]', 'services:', '  web:', ...fields.map((field) => `    ${field}`), ''].join(
    '\n',
  );
}

function budgetOf(...fields: string[]): number | undefined {
  return parseFleet(withService('hosts: {role: web}', ...fields), 'fleet.yaml').services[0]?.maxOut;
}

const policyOf = (text: string) => parseFleet(`fleet: shop\npolicy: {${text}}\n`, 'f').policy;

function complaints(text: string): string[] {
  return linesOf(() => parseFleet(text, 'fleet.yaml'));
}

describe('fleet.yaml', () => {
  it('becomes a fleet', () => {
    const fleet = parseFleet(good, 'fleet.yaml');

    assert.deepEqual(fleet, {
      name: 'shop-eu',
      topology: ['zone', 'rack'],
      services: [
        {
          name: 'web',
          hosts: { kind: 'labels', labels: { role: 'web' } },
          size: 6,
          maxOut: 2,
          quorum: null,
          oneAtATime: 'rack',
          pool: { kind: 'haproxy', balancers: ['lb-1', 'lb-2'], backend: 'web' },
          checks: [{ kind: 'http', port: 8080, path: '/healthz' }],
          probe: { urls: ['http://shop.example/'], perSecond: 50 },
          after: [],
        },
        {
          name: 'edge',
          hosts: { kind: 'ids', ids: ['lb-1', 'lb-2'] },
          size: 2,
          maxOut: 1,
          quorum: null,
          oneAtATime: 'zone',
          pool: null,
          checks: [],
          probe: null,
          after: [],
        },
      ],
      budgets: [],
      policy: { onFailure: 'undo', stopAfterHosts: 2, stopAfterPercent: null, windows: [] },
    });
  });

  it('fills in what is not said', () => {
    const fleet = parseFleet(
      'fleet: shop\nservices: {web: {hosts: [a], size: 1, maxOut: 1, probe: {url: "http://a/"}}}',
      'f',
    );

    assert.deepEqual(fleet.topology, []);
    assert.equal(fleet.services[0]?.oneAtATime, null);
    assert.equal(fleet.services[0].probe?.perSecond, 20);
    assert.deepEqual(fleet.policy, { onFailure: 'hold', stopAfterHosts: 1, stopAfterPercent: null, windows: [] });
  });

  it('spares people who are logged in when asked to', () => {
    assert.equal(policyOf('loggedInUsers: refuse').loggedInUsers, 'refuse');
    assert.equal('loggedInUsers' in policyOf('loggedInUsers: ignore'), false);
  });

  it('has a new boot stand for a while where the policy says so, and not for hours', () => {
    assert.equal(policyOf('stableFor: 5m').stableForMs, 300_000);
    assert.equal('stableForMs' in policyOf('onFailure: hold'), false);
    assert.match(linesOf(() => policyOf('stableFor: 2h')).join(), /policy\.stableFor/);
  });

  it('turns oneAtATime off when asked to', () => {
    const text = withService('hosts: [a]', 'size: 2', 'keepUp: 1', 'oneAtATime: off');

    assert.equal(parseFleet(text, 'f').services[0]?.oneAtATime, null);
  });

  it('takes lists of checks and of urls', () => {
    const text = withService(
      'hosts: [a]',
      'size: 2',
      'keepUp: 1',
      'check: [{http: ":80/"}, {tcp: ":5432"}]',
      'probe: {url: ["http://a/", "https://b/"]}',
    );

    const service = parseFleet(text, 'f').services[0];

    assert.deepEqual(service?.checks, [
      { kind: 'http', port: 80, path: '/' },
      { kind: 'tcp', port: 5432 },
    ]);
    assert.deepEqual(service.probe?.urls, ['http://a/', 'https://b/']);
  });

  it('rounds a percentage to the side that keeps more hosts up', () => {
    assert.equal(budgetOf('size: 6', 'maxOut: 34%'), 2);
    assert.equal(budgetOf('size: 6', 'maxOut: 33%'), 1);
    assert.equal(budgetOf('size: 6', 'keepUp: 66%'), 2);
    assert.equal(budgetOf('size: 6', 'keepUp: 67%'), 1);
    assert.equal(budgetOf('size: 6', 'keepUp: 0'), 6);
  });

  it('stops after a number of hosts, a share of them, or whichever comes first', () => {
    const both = parseFleet('fleet: shop\npolicy: {stopAfter: {hosts: 2, percent: 5}}\n', 'f').policy;
    const share = parseFleet('fleet: shop\npolicy: {stopAfter: {percent: 5}}\n', 'f').policy;

    assert.deepEqual(both, { onFailure: 'hold', stopAfterHosts: 2, stopAfterPercent: 5, windows: [] });
    assert.equal(share.stopAfterPercent, 5);
    assert.ok(share.stopAfterHosts >= 100_000, 'no fleet has more hosts');
  });

  it('names hosts as the wires do', () => {
    assert.equal(hostIdPattern.source, z.toJSONSchema(hostId).pattern);
  });
});

describe('a malformed fleet.yaml', () => {
  it('is answered with file, line, field, problem, expectation and example', () => {
    const text = good.replace('keepUp: 4', 'keepUp: lots');

    assert.throws(() => parseFleet(text, 'fleet.yaml'), {
      code: 'ZDMS_CONFIG_INVALID',
      message:
        'fleet.yaml:7: services.web.keepUp: "lots" is not a number or a percentage. ' +
        'Expected: a whole number of hosts, or a percentage of the size. Example: keepUp: 4',
    });
  });

  it('is answered with all problems at once, in the order of the lines', () => {
    const text = good
      .replace('shop-eu', '7')
      .replace('size: 6', 'size: -1')
      .replace('role: web', '')
      .replace('undo', 'weep');

    assert.deepEqual(complaints(text), [
      '1 fleet: 7 is not a name',
      '5 services.web.hosts: {} is not a choice of hosts',
      '6 services.web.size: -1 is not a number of hosts',
      '13 policy.onFailure: "weep" is not hold or undo',
    ]);
  });

  const ofOneService: readonly (readonly [string, readonly string[], string])[] = [
    ['no hosts', ['size: 2', 'keepUp: 1'], '4 services.web.hosts: it is missing'],
    [
      'an empty list of hosts',
      ['hosts: []', 'size: 2', 'keepUp: 1'],
      '5 services.web.hosts: [] is not a choice of hosts',
    ],
    ['no labels', ['hosts: {}', 'size: 2', 'keepUp: 1'], '5 services.web.hosts: {} is not a choice of hosts'],
    [
      'a label that is a number',
      ['hosts: {zone: 1}', 'size: 2', 'keepUp: 1'],
      '5 services.web.hosts: {"zone":1} is not a choice of hosts',
    ],
    [
      'an impossible host id',
      ['hosts: [-rf]', 'size: 2', 'keepUp: 1'],
      '5 services.web.hosts.0: "-rf" is not a choice of hosts',
    ],
    ['no size', ['hosts: [a]', 'keepUp: 1'], '4 services.web.size: it is missing'],
    ['a size of 0', ['hosts: [a]', 'size: 0', 'keepUp: 1'], '6 services.web.size: 0 is not a number of hosts'],
    ['half a host', ['hosts: [a]', 'size: 1.5', 'maxOut: 1'], '6 services.web.size: 1.5 is not a number of hosts'],
    [
      'keepUp and maxOut',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'maxOut: 1'],
      '8 services.web.maxOut: keepUp and maxOut say the same thing in two ways: remove one of them',
    ],
    [
      'neither keepUp nor maxOut',
      ['hosts: [a]', 'size: 2'],
      '4 services.web.keepUp: it is missing, and so is maxOut: one of the two has to say how many may be out',
    ],
    [
      'a percentage above 100',
      ['hosts: [a]', 'size: 2', 'maxOut: 101%'],
      '7 services.web.maxOut: "101%" is not a number or a percentage',
    ],
    [
      'maxOut 0',
      ['hosts: [a]', 'size: 2', 'maxOut: 0'],
      '7 services.web.maxOut: with 0 no host could ever be taken out: write maxOut: 1, or at least 50%',
    ],
    [
      'a percentage that rounds to 0',
      ['hosts: [a]', 'size: 3', 'maxOut: 33%'],
      '7 services.web.maxOut: 33% of 3 hosts rounds to 0, so that no host could ever be taken out: write maxOut: 1, or at least 34%',
    ],
    [
      'a percentage that keeps all up',
      ['hosts: [a]', 'size: 3', 'keepUp: 67%'],
      '7 services.web.keepUp: 67% of 3 hosts is 3, so that no host could ever be taken out: write keepUp: 2 or less',
    ],
    [
      'keepUp of the size',
      ['hosts: [a]', 'size: 3', 'keepUp: 3'],
      '7 services.web.keepUp: with a size of 3 no host could ever be taken out: write keepUp: 2 or less',
    ],
    [
      'keepUp above the size',
      ['hosts: [a]', 'size: 3', 'keepUp: 4'],
      '7 services.web.keepUp: 4 is more than the size of 3',
    ],
    [
      'maxOut above the size',
      ['hosts: [a]', 'size: 3', 'maxOut: 4'],
      '7 services.web.maxOut: 4 is more than the size of 3',
    ],
    [
      'an unknown level',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'oneAtATime: row'],
      '8 services.web.oneAtATime: "row" is not a level of the topology [zone]',
    ],
    [
      'an unknown key with a near one',
      ['hosts: [a]', 'size: 2', 'keepup: 1'],
      '7 services.web.keepup: there is no such field: did you mean keepUp?',
    ],
    [
      'an unknown key',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'colour: red'],
      '8 services.web.colour: there is no such field',
    ],
    [
      'a pool without balancers',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'pool: {haproxy: [], backend: web}'],
      '8 services.web.pool.haproxy: [] is not a list of different host ids',
    ],
    [
      'a balancer that is there twice',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'pool: {haproxy: [b, b], backend: web}'],
      '8 services.web.pool.haproxy: ["b","b"] is not a list of different host ids',
    ],
    [
      'a pool without a backend',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'pool: {haproxy: [b]}'],
      '8 services.web.pool.backend: it is missing',
    ],
    [
      'a backend with a blank',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'pool: {haproxy: [b], backend: "a b"}'],
      '8 services.web.pool.backend: "a b" is not the name of a backend',
    ],
    [
      'a check without a path',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'check: {http: ":8080"}'],
      '8 services.web.check: {"http":":8080"} is not a check',
    ],
    [
      'a check of a port that cannot be',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'check: {tcp: ":65536"}'],
      '8 services.web.check: {"tcp":":65536"} is not a check',
    ],
    [
      'a check that runs a command',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'check: {command: "true"}'],
      '8 services.web.check: {"command":"true"} is not a check',
    ],
    [
      'no check in the list',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'check: []'],
      '8 services.web.check: [] is not a check',
    ],
    [
      'a check twice',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'check: [{tcp: ":1"}, {tcp: ":1"}]'],
      '8 services.web.check: the check tcp:1 is there twice',
    ],
    [
      'a probe of something else',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'probe: {url: "ftp://a/"}'],
      '8 services.web.probe.url: "ftp://a/" is not a URL or a list of URLs',
    ],
    [
      'a probe without a url',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'probe: {perSecond: 5}'],
      '8 services.web.probe.url: it is missing',
    ],
    [
      'a probe that never asks',
      ['hosts: [a]', 'size: 2', 'keepUp: 1', 'probe: {url: "http://a/", perSecond: 0}'],
      '8 services.web.probe.perSecond: 0 is not a rate',
    ],
  ];
  for (const [what, fields, complaint] of ofOneService) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(complaints(withService(...fields)), [complaint]);
    });
  }

  const ofTheWhole: readonly (readonly [string, string, readonly string[]])[] = [
    ['an empty file', '', ['1 : null is not a mapping']],
    ['a list', '- a\n', ['1 : ["a"] is not a mapping']],
    ['no name', 'topology: [zone]\n', ['1 fleet: it is missing']],
    ['an unknown key', 'fleet: shop\nservises: {}\n', ['2 servises: there is no such field: did you mean services?']],
    [
      'a level twice',
      'fleet: shop\ntopology: [zone, zone]\n',
      ['2 topology: ["zone","zone"] is not a list of different levels'],
    ],
    ['services in a list', 'fleet: shop\nservices: [web]\n', ['2 services: ["web"] is not a mapping']],
    [
      'stopAfter 0',
      'fleet: shop\npolicy: {stopAfter: {hosts: 0}}\n',
      ['2 policy.stopAfter.hosts: 0 is not a number of hosts'],
    ],
    [
      'a stopAfter that says nothing',
      'fleet: shop\npolicy: {stopAfter: {}}\n',
      ['2 policy.stopAfter: {} is not a limit'],
    ],
    [
      'a percentage of 0',
      'fleet: shop\npolicy: {stopAfter: {percent: 0}}\n',
      ['2 policy.stopAfter.percent: 0 is not a percentage'],
    ],
    [
      'an unknown policy',
      'fleet: shop\npolicy:\n  onfailure: hold\n',
      ['3 policy.onfailure: there is no such field: did you mean onFailure?'],
    ],
    [
      'a service with a strange name',
      'fleet: shop\nservices:\n  "a b": {hosts: [a], size: 1, maxOut: 1}\n',
      ['3 services."a b": "a b" is no name for a service'],
    ],
  ];
  for (const [what, text, expected] of ofTheWhole) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(complaints(text), expected);
    });
  }

  it('is refused with its line when it is no YAML', () => {
    const [tab] = problemsOf(() => parseFleet('fleet: shop\n\ttopology: [zone]\n', 'fleet.yaml'));
    const [twice] = problemsOf(() => parseFleet('fleet: a\nfleet: b\n', 'fleet.yaml'));

    assert.equal(tab?.line, 2);
    assert.equal(twice?.line, 2);
    assert.match(twice.problem, /this is not valid YAML \(Map keys must be unique/);
  });

  it('is refused when it is far too long, or unfolds without end', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefg'.split('').map((key, index) => {
        const prior = 'abcdef'[index] ?? '';
        return `${key}: &${key} [${Array.from({ length: 10 }, () => `*${prior}`).join(',')}]`;
      }),
    ].join('\n');

    assert.match(complaints(`# ${'x'.repeat(1_100_000)}`)[0] ?? '', /longer than 1048576 characters/);
    assert.throws(() => parseFleet(bomb, 'f'), ConfigError);
  });

  it('shows control characters as escapes', () => {
    assert.deepEqual(complaints('fleet: "\\e[2J"\n'), ['1 fleet: "\\u001b[2J" is not a name']);
  });

  it('gives every problem an expectation and an example', () => {
    for (const problem of problemsOf(() => parseFleet('nonsense: 1\nfleet: 7\nservices: {web: {sise: 1}}\n', 'f'))) {
      assert.notEqual(problem.expected, '', problem.field);
      assert.notEqual(problem.example, '', problem.field);
    }
  });
});
