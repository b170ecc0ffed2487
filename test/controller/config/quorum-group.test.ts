import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseFleet } from '../../../controller/config/fleet-file.ts';
import { linesOf } from './problems-of.ts';

/** A fleet whose one service has these fields. */
function withService(...fields: string[]): string {
  return ['fleet: shop', 'topology: [zone]', 'services:', '  web:', ...fields.map((field) => `    ${field}`), ''].join(
    '\n',
  );
}

function budgetOf(size: number): number | undefined {
  return parseFleet(withService('hosts: [a]', `size: ${size}`, 'quorum: etcd'), 'f').services[0]?.maxOut;
}

describe('a quorum group in fleet.yaml', () => {
  it('has the budget that its votes leave, in one innermost domain at a time', () => {
    const text =
      'fleet: shop\ntopology: [zone, rack]\nservices: {etcd: {hosts: {role: etcd}, size: 5, quorum: etcd}}\n';

    const [etcd] = parseFleet(text, 'f').services;

    assert.deepEqual(etcd?.quorum, { kind: 'etcd', spare: 1, witnesses: [] });
    assert.equal(etcd.maxOut, 1);
    assert.equal(etcd.oneAtATime, 'rack');
    assert.equal(budgetOf(3), 1);
    assert.equal(budgetOf(7), 2);
  });

  it('may say which domains it keeps apart, or none', () => {
    const group = ['hosts: {role: etcd}', 'size: 3', 'quorum: etcd'];

    assert.equal(parseFleet(withService(...group, 'oneAtATime: zone'), 'f').services[0]?.oneAtATime, 'zone');
    assert.equal(parseFleet(withService(...group, 'oneAtATime: off'), 'f').services[0]?.oneAtATime, null);
  });

  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [
      'with keepUp',
      ['hosts: [a]', 'size: 3', 'quorum: etcd', 'keepUp: 2'],
      '8 services.web.keepUp: a quorum group keeps as many as its votes need: remove keepUp',
    ],
    [
      'with maxOut',
      ['hosts: [a]', 'size: 3', 'quorum: etcd', 'maxOut: 1'],
      '8 services.web.maxOut: a quorum group keeps as many as its votes need: remove maxOut',
    ],
    ...[1, 2].map(
      (size) =>
        [
          `of ${size}`,
          ['hosts: [a]', `size: ${size}`, 'quorum: etcd'],
          `6 services.web.size: a group of ${size} has no majority without any one of its members, so that no host could ever be taken out: 3 is the smallest that can spare one`,
        ] as const,
    ),
    [
      'of a system that is none',
      ['hosts: [a]', 'size: 3', 'quorum: zookeeper'],
      '7 services.web.quorum: "zookeeper" is not a quorum system',
    ],
  ];
  for (const [what, fields, complaint] of cases) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(
        linesOf(() => parseFleet(withService(...fields), 'fleet.yaml')),
        [complaint],
      );
    });
  }
});
