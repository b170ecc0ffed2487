import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { packageNamePattern, packageVersionPattern, parseChange } from '../../../controller/config/change-file.ts';
import { packageName, packageVersion } from '../../../proto/zdms/v1/executor.ts';
import { linesOf } from './problems-of.ts';

function complaints(text: string): string[] {
  return linesOf(() => parseChange(text, 'change.yaml'));
}

describe('change.yaml', () => {
  it('becomes a change', () => {
    const text = `name: zdemo 1.1
where: {role: web, zone: a}
packages: [zdemo=1.1.0, openssl]
reboot: always
stages:
  - {name: canary, hosts: 1, soak: 5s}
  - {hosts: 2, soak: 500ms}
  - {hosts: all}
atOnce: 2
`;

    assert.deepEqual(parseChange(text, 'change.yaml'), {
      name: 'zdemo 1.1',
      where: { kind: 'labels', labels: { role: 'web', zone: 'a' } },
      packages: [
        { name: 'zdemo', version: '1.1.0' },
        { name: 'openssl', version: null },
      ],
      reboot: 'always',
      stages: [
        { name: 'canary', pick: { kind: 'count', hosts: 1 }, soakMs: 5000 },
        { name: 'stage-2', pick: { kind: 'count', hosts: 2 }, soakMs: 500 },
        { name: 'stage-3', pick: { kind: 'all' }, soakMs: 0 },
      ],
      atOnce: 2,
      priority: 'normal',
      barrier: false,
      wayBack: 'required',
    });
  });

  it('fills in what is not said', () => {
    const change = parseChange('where: all\npackages: {zdemo: "1.1"}\n', '/etc/zdms/patch-tuesday.yaml');

    assert.deepEqual(change, {
      name: 'patch-tuesday',
      where: { kind: 'all' },
      packages: [{ name: 'zdemo', version: '1.1' }],
      reboot: 'ifNeeded',
      stages: [
        { name: 'canary', pick: { kind: 'count', hosts: 1 }, soakMs: 0 },
        { name: 'rest', pick: { kind: 'all' }, soakMs: 0 },
      ],
      atOnce: null,
      priority: 'normal',
      barrier: false,
      wayBack: 'required',
    });
  });

  it('knows milliseconds, seconds, minutes and hours', () => {
    const soaks = ['500ms', '5s', '2m', '1h'].map((soak) => `{hosts: 1, soak: ${soak}}`).join(', ');

    const { stages } = parseChange(`where: [web-1]\npackages: [a1]\nstages: [${soaks}, {hosts: all}]\n`, 'c');

    assert.deepEqual(
      stages.map(({ soakMs }) => soakMs),
      [500, 5000, 120_000, 3_600_000, 0],
    );
  });

  it('may ask for all that is pending, or for security updates alone, without some packages', () => {
    const security = parseChange('where: all\npackages: security\nexcept: [linux-image-amd64]\n', 'c');
    assert.deepEqual(security.packages, { pending: 'security', except: ['linux-image-amd64'] });
    assert.deepEqual(parseChange('where: all\npackages: all\n', 'c').packages, { pending: 'all', except: [] });
  });

  it('may ask for whatever closes some CVEs, without some packages', () => {
    const one = parseChange('where: all\npackages: {cve: CVE-2026-1234}\n', 'c');
    assert.deepEqual(one.packages, { cves: ['CVE-2026-1234'], except: [] });
    const two = parseChange('where: all\npackages: {cve: [CVE-2026-1234, CVE-2025-9999]}\n', 'c');
    assert.deepEqual(two.packages, { cves: ['CVE-2026-1234', 'CVE-2025-9999'], except: [] });
    const less = parseChange('where: all\npackages: {cve: CVE-2026-1234}\nexcept: [nginx]\n', 'c');
    assert.deepEqual(less.packages, { cves: ['CVE-2026-1234'], except: ['nginx'] });
  });

  it('may ask for the way back from a rollout', () => {
    assert.deepEqual(parseChange('where: all\npackages: undo k3x9p\n', 'c').packages, { undo: 'k3x9p' });
  });

  it('names packages and versions as the wires do', () => {
    assert.equal(packageNamePattern.source, z.toJSONSchema(packageName).pattern);
    assert.equal(packageVersionPattern.source, z.toJSONSchema(packageVersion).pattern);
  });
});

describe('a malformed change.yaml', () => {
  const packages = 'packages: [zdemo]\n';
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['an empty file', '', ['1 : null is not a mapping']],
    ['no where', packages, ['1 where: it is missing']],
    ['an empty where', `where:\n${packages}`, ['1 where: null is not a choice of hosts']],
    ['a where without labels', `where: {}\n${packages}`, ['1 where: {} is not a choice of hosts']],
    ['a where without ids', `where: []\n${packages}`, ['1 where: [] is not a choice of hosts']],
    [
      'everything by another word',
      `where: everything\n${packages}`,
      ['1 where: "everything" is not a choice of hosts'],
    ],
    ['no packages', 'where: all\n', ['1 packages: it is missing']],
    ['an empty list of packages', 'where: all\npackages: []\n', ['2 packages: [] is not a list of packages']],
    ['an empty map of packages', 'where: all\npackages: {}\n', ['2 packages: {} is not a list of packages']],
    [
      'exceptions from what is named',
      `where: all\n${packages}except: [nginx]\n`,
      ['3 except: except goes with packages: security, all or {cve: ...}'],
    ],
    [
      'a CVE that is none',
      'where: all\npackages: {cve: openssl}\n',
      ['2 packages.cve: "openssl" is not a CVE id, or a list of them'],
    ],
    [
      'one CVE of several that is none',
      'where: all\npackages:\n  cve:\n    - CVE-2026-1234\n    - cve-1\n',
      ['5 packages.cve.1: "cve-1" is not a CVE id'],
    ],
    ['no CVE at all', 'where: all\npackages: {cve: []}\n', ['2 packages.cve: [] is not a CVE id, or a list of them']],
    [
      'a CVE twice',
      'where: all\npackages: {cve: [CVE-2026-1234, CVE-2026-1234]}\n',
      ['2 packages.cve.1: CVE-2026-1234 is there twice'],
    ],
    [
      'packages beside a CVE',
      'where: all\npackages: {cve: CVE-2026-1234, nginx: "1"}\n',
      ['2 packages: cve stands alone: its packages are found on each host'],
    ],
    ['a way back from nothing', 'where: all\npackages: undo\n', ['2 packages: "undo" is not a list of packages']],
    ['packages in one word', 'where: all\npackages: zdemo\n', ['2 packages: "zdemo" is not a list of packages']],
    [
      'an option in place of a package',
      'where: all\npackages:\n  - a1\n  - --purge\n',
      ['4 packages.1: "--purge" is not a package'],
    ],
    [
      'a shell in place of a version',
      'where: all\npackages: ["a1=$(id)"]\n',
      ['2 packages.0: "a1=$(id)" is not a package'],
    ],
    [
      'a version that YAML reads as a number',
      'where: all\npackages:\n  zdemo: 1.1\n',
      ['3 packages.zdemo: 1.1 is not a package'],
    ],
    [
      'a package that is no name',
      'where: all\npackages:\n  "Z demo": "1"\n',
      ['3 packages."Z demo": "Z demo" is not a package'],
    ],
    ['a package twice', 'where: all\npackages: [a1, b1, a1=2]\n', ['2 packages.2: the package a1 is there twice']],
    [
      'an unknown reboot',
      `where: all\n${packages}reboot: maybe\n`,
      ['3 reboot: "maybe" is not always, ifNeeded or never'],
    ],
    ['no stages', `where: all\n${packages}stages: []\n`, ['3 stages: [] is not a list of stages']],
    [
      'a stage of 0',
      `where: all\n${packages}stages: [{hosts: 0}, {hosts: all}]\n`,
      ['3 stages.0.hosts: 0 is not a choice of hosts'],
    ],
    [
      'a soak without a unit',
      `where: all\n${packages}stages:\n  - {hosts: 1, soak: 5}\n  - {hosts: all}\n`,
      ['4 stages.0.soak: 5 is not a duration'],
    ],
    [
      'a last stage that leaves hosts over',
      `where: all\n${packages}stages: [{hosts: 1}]\n`,
      ['3 stages.0.hosts: 1 in the last stage would leave the other hosts without a stage'],
    ],
    [
      'all before the end',
      `where: all\n${packages}stages: [{hosts: all}, {hosts: all}]\n`,
      ['3 stages.0.hosts: all leaves no hosts for the stages after it'],
    ],
    [
      'a stage name twice',
      `where: all\n${packages}stages: [{name: a, hosts: 1}, {name: a, hosts: all}]\n`,
      ['3 stages.1.name: the name a is there twice'],
    ],
    [
      'an unknown key in a stage',
      `where: all\n${packages}stages: [{host: 1, hosts: all}]\n`,
      ['3 stages.0.host: there is no such field: did you mean hosts?'],
    ],
    ['atOnce 0', `where: all\n${packages}atOnce: 0\n`, ['3 atOnce: 0 is not a number of hosts']],
    [
      'an unknown key',
      `where: all\n${packages}rebot: always\n`,
      ['3 rebot: there is no such field: did you mean reboot?'],
    ],
  ];
  for (const [what, text, expected] of cases) {
    it(`is refused: ${what}`, () => {
      assert.deepEqual(complaints(text), expected);
    });
  }
});
