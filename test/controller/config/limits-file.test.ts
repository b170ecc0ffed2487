import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseLimits } from '../../../controller/config/limits-file.ts';
import { defaultLimits } from '../../../controller/core/limits.ts';
import { linesOf, problemsOf } from './problems-of.ts';

const all = `halt: "fire drill"
maxOut: 10
perDomain: {zone: 3, rack: 1}
perModel: 2
rebootsPerHour: 60
ramp: 3
errorBudget: {hosts: 2, within: 12h}
sameFailure: 3
blindStop: 10%
minimumAge: 24h
confirmAbove: 5%
`;

describe('limits.yaml', () => {
  it('becomes limits', () => {
    assert.deepEqual(parseLimits(all, 'limits.yaml'), {
      halt: 'fire drill',
      maxOut: { hosts: 10, percent: null },
      perDomain: { zone: 3, rack: 1 },
      perModel: 2,
      rebootsPerHour: 60,
      ramp: 3,
      errorBudget: { hosts: 2, withinMs: 43_200_000 },
      sameFailure: 3,
      blindPercent: 10,
      minimumAgeMs: 86_400_000,
      confirmAbovePercent: 5,
    });
  });

  it('may be empty, or say one thing: the rest is built in', () => {
    assert.deepEqual(parseLimits('', 'limits.yaml'), defaultLimits);
    assert.deepEqual(parseLimits('perModel: 1\n', 'limits.yaml'), { ...defaultLimits, perModel: 1 });
  });

  it('takes a limit away only when told so', () => {
    const fields = ['maxOut', 'perModel', 'rebootsPerHour', 'ramp', 'errorBudget', 'sameFailure', 'blindStop'];
    const text = [...fields, 'minimumAge', 'confirmAbove'].map((field) => `${field}: off\n`).join('');

    assert.deepEqual(parseLimits(text, 'limits.yaml'), {
      halt: null,
      maxOut: { hosts: null, percent: null },
      perDomain: {},
      perModel: null,
      rebootsPerHour: null,
      ramp: null,
      errorBudget: null,
      sameFailure: null,
      blindPercent: null,
      minimumAgeMs: 0,
      confirmAbovePercent: null,
    });
  });

  it('limits the fleet by number or by share', () => {
    assert.deepEqual(parseLimits('maxOut: 25%\n', 'f').maxOut, { hosts: null, percent: 25 });
    assert.deepEqual(parseLimits('maxOut: 25\n', 'f').maxOut, { hosts: 25, percent: null });
  });

  it('may be halted in any language', () => {
    assert.equal(parseLimits('halt: Störung im Netz\n', 'f').halt, 'Störung im Netz');
  });
});

describe('a malformed limits.yaml', () => {
  it('is answered with file, line, field, problem, expectation and example', () => {
    const [problem] = problemsOf(() => parseLimits('ramp: 1\nblindStop: 20\n', 'limits.yaml'));

    assert.deepEqual(problem, {
      file: 'limits.yaml',
      line: 2,
      field: 'blindStop',
      problem: '20 is not a percentage',
      expected: 'the share of silent agents from which on we are blind, or off',
      example: 'blindStop: 20%',
    });
  });

  it('is answered with all problems at once', () => {
    const complaints = linesOf(() => parseLimits('halt: true\nrampe: 2\nmaxOut: none\n', 'limits.yaml'));

    assert.deepEqual(complaints, [
      '1 halt: true is not a text',
      '2 rampe: there is no such field: did you mean ramp?',
      '3 maxOut: "none" is not a number or a percentage',
    ]);
  });

  const cases: readonly (readonly [string, string, string])[] = [
    ['a halt that says nothing', 'halt: ""', '1 halt: "" is not a text'],
    ['a halt without a text', 'halt:', '1 halt: null is not a text'],
    ['a halt that steers the terminal', 'halt: "\\e[2J"', '1 halt: "\\u001b[2J" is not a text'],
    ['maxOut 0: that is a halt', 'maxOut: 0', '1 maxOut: 0 is not a number or a percentage'],
    ['a share of nothing', 'maxOut: 0%', '1 maxOut: "0%" is not a number or a percentage'],
    ['a share of more than all', 'maxOut: 101%', '1 maxOut: "101%" is not a number or a percentage'],
    ['a domain of 0', 'perDomain: {zone: 0}', '1 perDomain.zone: 0 is not a number of hosts'],
    ['domains in a list', 'perDomain: [zone]', '1 perDomain: ["zone"] is not a mapping'],
    ['half a reboot', 'rebootsPerHour: 0.5', '1 rebootsPerHour: 0.5 is not a number of reboots'],
    ['a ramp of 0', 'ramp: 0', '1 ramp: 0 is not a number of hosts'],
    ['a budget without a time', 'errorBudget: {hosts: 1}', '1 errorBudget: {"hosts":1} is not a limit'],
    ['the same failure on one host', 'sameFailure: 1', '1 sameFailure: 1 is not a number of hosts'],
    ['an age without a unit', 'minimumAge: 24', '1 minimumAge: 24 is not a duration'],
    ['no limit by silence', 'ramp:', '1 ramp: null is not a number of hosts'],
    ['an API that is not there', 'limits: {}', '1 limits: there is no such field'],
    ['a list', '- ramp', '1 : ["ramp"] is not a mapping'],
  ];
  for (const [what, text, expected] of cases) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(
        linesOf(() => parseLimits(`${text}\n`, 'limits.yaml')),
        [expected],
      );
    });
  }

  it('is refused with a level that the topology does not have, where that is known', () => {
    const text = 'perDomain:\n  zone: 1\n  row: 1\n';

    assert.deepEqual(
      linesOf(() => parseLimits(text, 'limits.yaml', ['zone', 'rack'])),
      ['3 perDomain.row: "row" is not a level of the topology [zone, rack]'],
    );
    assert.deepEqual(parseLimits(text, 'limits.yaml').perDomain, { zone: 1, row: 1 });
  });
});
