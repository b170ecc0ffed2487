import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { openStepContext } from '../../../../agent/executor/step-log.ts';
import type { RecordingContext } from '../../../../agent/executor/step-log.ts';
import { classifyAptFailure, failureExcerpt } from '../../../../agent/platform/packages/apt/apt-failure.ts';
import { parseAutomaticPackages } from '../../../../agent/platform/packages/apt/apt-records.ts';
import { parseAptSimulation, parsePrintedUris } from '../../../../agent/platform/packages/apt/apt-simulation.ts';
import { createApt } from '../../../../agent/platform/packages/apt/apt.ts';
import { compareDebianVersions } from '../../../../agent/platform/packages/apt/debian-version.ts';
import { parseProcLocks, unitOf } from '../../../../agent/platform/packages/lock-holder.ts';
import { entriesByName, parseDpkgQuery } from '../../../../agent/platform/packages/apt/dpkg-query.ts';
import type { Packages } from '../../../../agent/platform/packages/packages.ts';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import { skipBecause } from '../../../support/skip-because.ts';
import { type Answer, RecordedCommands } from './recorded-commands.ts';
import * as recorded from './recorded.ts';

describe('apt, as recorded,', () => {
  let directory: string;
  let commands: RecordedCommands;
  let packages: Packages;
  let context: RecordingContext;
  const target: ExactPackage = { name: 'zdemo', version: '1.1.0', sha256: null };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'zdms-apt-'));
    await mkdir(join(directory, 'dpkg/updates'), { recursive: true });
    const paths = {
      dpkg: join(directory, 'dpkg'),
      extendedStates: join(directory, 'states'),
      archives: join(directory, 'archives'),
      aptArchives: join(directory, 'apt-archives'),
      changelogs: join(directory, 'zdms/changelogs.json'),
      root: directory,
    };
    commands = new RecordedCommands();
    packages = createApt(commands, paths, { freeMarginBytes: 0, lockWaitMs: 30_000, keepDownloadsMs: 3_600_000 });
    context = openStepContext(join(directory, 'log'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  function zdemoIs(version: string, abbreviation = 'ii '): [string, Answer] {
    return ['dpkg-query zdemo', { stdout: `zdemo\tall\t${version}\t${abbreviation}\n` }];
  }

  describe('surveys', () => {
    beforeEach(() => {
      commands.answers = [
        ['dpkg-query -W', { stdout: recorded.dpkgQuery }],
        ['apt-cache policy libssl3', { stdout: recorded.policy }],
        ['apt-cache policy', { stdout: recorded.policySources }],
        ['apt-cache show', { stdout: recorded.show }],
      ];
    });

    it('installed packages with other versions, older and newer, with digest, size and security flag', async () => {
      const [libssl, zdemo, ...others] = await packages.survey(false);
      assert.deepEqual(others, []);
      assert.deepEqual(libssl, {
        name: 'libssl3',
        installed: '3.0.20-1~deb12u2',
        wayBack: 'offered',
        candidate: '3.0.22-1~deb12u2',
        held: false,
        offers: [
          {
            version: '3.0.22-1~deb12u2',
            sha256: 'a'.repeat(64),
            downloadBytes: 2_023_000,
            security: true,
            origin: 'Debian-Security:oldstable-security',
            advisories: [],
            cves: [],
            advisoriesKnown: false,
          },
          {
            version: '3.0.17-1~deb12u2',
            sha256: 'c'.repeat(64),
            downloadBytes: 2_021_000,
            security: false,
            origin: 'Debian:oldstable-updates',
            advisories: [],
            cves: [],
            advisoriesKnown: false,
          },
        ],
      });
      assert.equal(zdemo?.held, true);
      assert.deepEqual(
        zdemo.offers.map((offer) => [offer.version, offer.security, offer.sha256[0]]),
        [
          ['1.2.0', true, 'd'],
          ['1.1.0', true, 'e'],
        ],
      );
    });

    it('without calling an older version a security update, wherever it comes from', async () => {
      const older = recorded.policy
        .replace('bookworm-updates/main', 'bookworm-security/main')
        .replace('deb.example/debian bookworm-security', 'deb.example/debian-security bookworm-security');
      commands.answers = commands.answers.map(([argv, answer]) =>
        argv === 'apt-cache policy libssl3' ? [argv, { stdout: older }] : [argv, answer],
      );

      const [libssl] = await packages.survey(false);

      assert.deepEqual(
        libssl?.offers.map((offer) => [offer.origin.split(':')[0], offer.security]),
        [
          ['Debian-Security', true],
          ['Debian-Security', false],
        ],
      );
    });

    it('in four queries, and asks for records only where there is an offer', async () => {
      await packages.survey(false);
      assert.equal(commands.ran.length, 4);
      assert.match(commands.ran.at(-1) ?? '', /^apt-cache show libssl3 zdemo$/);
    });

    it('with new lists when asked to', async () => {
      await packages.survey(true);
      assert.match(commands.ran[0] ?? '', /^apt-get update /);
    });
  });

  describe('preflight', () => {
    beforeEach(() => {
      commands.answers = [zdemoIs('1.0.0')];
    });

    it('passes on a clean host', async () => {
      await packages.preflight([target], context);
      assert.ok(
        commands.ran.some((command) => command.startsWith('apt-get -s ') && command.endsWith('install zdemo=1.1.0')),
      );
    });

    it('asks no mirror for what the host has kept, and takes the file', async () => {
      const file = join(directory, 'archives/zdemo_1.1.0_all.deb');
      await mkdir(join(directory, 'archives'));
      await writeFile(file, 'the package');
      const sha256 = createHash('sha256').update('the package').digest('hex');

      await packages.preflight([{ ...target, sha256 }], context);

      assert.ok(!commands.ran.some((command) => command.startsWith('apt-get update')));
      assert.ok(commands.ran.some((command) => command.startsWith('apt-get -s ') && command.endsWith(file)));
    });

    it('asks it all the same where the kept file is broken, or something else is to be fetched', async () => {
      const file = join(directory, 'archives/zdemo_1.1.0_all.deb');
      await mkdir(join(directory, 'archives'));
      await writeFile(file, 'half a pack');
      commands.answers.push(['dpkg-deb --contents', { exitCode: 2 }]);
      await packages.preflight([target], context);
      assert.equal(commands.ran.filter((command) => command.startsWith('apt-get update')).length, 1);
      assert.equal(existsSync(file), false);

      await writeFile(file, 'the package');
      commands.answers = [
        zdemoIs('1.0.0'),
        ['apt-get --print-uris', { stdout: "'http://m/d.deb' d.deb 9 SHA256:0\n" }],
      ];
      await packages.preflight([target], context);
      assert.equal(commands.ran.filter((command) => command.startsWith('apt-get update')).length, 2);
    });

    it('asks it for what is kept but not as planned', async () => {
      await mkdir(join(directory, 'archives'));
      await writeFile(join(directory, 'archives/zdemo_1.1.0_all.deb'), 'another package');

      await packages.preflight([{ ...target, sha256: 'f'.repeat(64) }], context);

      assert.ok(commands.ran.some((command) => command.startsWith('apt-get update')));
    });

    it('refuses a held package before it asks any mirror', async () => {
      commands.answers = [zdemoIs('1.0.0', 'hi ')];
      await assert.rejects(packages.preflight([target], context), { code: 'package-held' });
      assert.ok(!commands.ran.some((command) => command.startsWith('apt-get')));
    });

    it('refuses to remove anything', async () => {
      commands.answers.push(['apt-get -s', { stdout: recorded.simulation, exitCode: 100 }]);
      await assert.rejects(packages.preflight([target], context), { code: 'would-remove', message: /zold/ });
    });

    it('refuses a version that is not to be had', async () => {
      commands.answers.push(['apt-get -s', { stderr: recorded.failures['version-unobtainable'], exitCode: 100 }]);
      await assert.rejects(packages.preflight([target], context), { code: 'version-unobtainable' });
    });

    it('refuses when the download would not fit', async () => {
      commands.answers.push(['apt-get --print-uris', { stdout: "'http://x/y' y.deb 900000000000000 SHA256:aa\n" }]);
      await assert.rejects(packages.preflight([target], context), { code: 'disk-full' });
    });

    it('remarks what apt would install beyond the order', async () => {
      const text = recorded.simulation.replace(/^Remv.*\n/m, '');
      commands.answers.push(['apt-get -s', { stdout: text }]);
      await packages.preflight([target], context);
      assert.match(context.remarks.join(), /libssl3 3\.0\.22-1~deb12u2, zdemo-data 1\.1\.0/);
    });
  });

  describe('install', () => {
    it('does nothing where the exact versions are installed and clean', async () => {
      commands.answers = [zdemoIs('1.1.0')];
      await packages.install([target], context);
      assert.ok(!commands.ran.some((command) => command.startsWith('apt-get')));
    });

    it('takes fetched files, forbids downloads and removals, and keeps local configuration files', async () => {
      await mkdir(join(directory, 'archives'), { recursive: true });
      await writeFile(join(directory, 'archives/zdemo_1.1.0_all.deb'), '');
      let version = '1.0.0';
      commands.answers = [
        ['dpkg-query zdemo', () => zdemoIs(version)[1]],
        ['apt-get install', () => ((version = '1.1.0'), {})],
      ];
      await packages.install([target], context);
      const command = commands.ran.find((one) => one.startsWith('apt-get')) ?? '';
      for (const word of ['--no-remove', '--no-download', 'Dpkg::Options::=--force-confold', 'Dpkg::Use-Pty=0']) {
        assert.ok(command.includes(word), word);
      }
      assert.ok(!command.includes('--allow-downgrades'));
      assert.ok(command.endsWith('install ' + join(directory, 'archives/zdemo_1.1.0_all.deb')));
    });

    it('allows a downgrade only when the order names an older version', async () => {
      let version = '1.2.0';
      commands.answers = [
        ['dpkg-query zdemo', () => zdemoIs(version)[1]],
        ['apt-get install', () => ((version = '1.1.0'), {})],
      ];
      await packages.install([target], context);
      assert.ok(commands.ran.some((command) => command.includes('--allow-downgrades')));
    });

    it('does not believe exit code 0', async () => {
      commands.answers = [zdemoIs('1.0.0')];
      await assert.rejects(packages.install([target], context), {
        code: 'versions-differ',
        message: /zdemo is 1\.0\.0, wanted 1\.1\.0/,
      });
    });

    it('calls a package half-installed by its flags, whatever its version', async () => {
      commands.answers = [zdemoIs('1.1.0', 'iHR')];
      await assert.rejects(packages.install([target], context), { code: 'half-installed', message: /iHR/ });
    });

    it('finishes what an interruption left before it goes on', async () => {
      let isClean = false;
      commands.answers = [
        ['dpkg-query', () => zdemoIs('1.1.0', isClean ? 'ii ' : 'iF ')[1]],
        ['dpkg --audit', () => ({ stdout: isClean ? '' : 'half configured' })],
        ['dpkg --configure', () => ((isClean = true), {})],
      ];
      await packages.install([target], context);
      assert.ok(commands.ran.some((command) => command === 'dpkg --force-confdef --force-confold --configure -a'));
    });

    it('leaves dependencies marked as dependencies', async () => {
      const states = (automatic: 0 | 1): string => `Package: zdemo\nArchitecture: all\nAuto-Installed: ${automatic}\n`;
      await writeFile(join(directory, 'states'), states(1));
      let version = '1.0.0';
      commands.answers = [['dpkg-query zdemo', () => zdemoIs(version)[1]]];
      commands.runLogged = async (argv) => {
        version = '1.1.0';
        await writeFile(join(directory, 'states'), states(0));
        return commands.run(argv);
      };
      await packages.install([target], context);
      assert.ok(commands.ran.includes('apt-mark auto zdemo'));
    });

    for (const [code, output] of Object.entries(recorded.failures)) {
      it(`says ${code}`, () => {
        assert.equal(classifyAptFailure(output, 'package-manager-failed'), code);
        assert.notEqual(failureExcerpt(output), '');
      });
    }
  });

  it('tells states of packages apart', () => {
    const entries = entriesByName(parseDpkgQuery(recorded.dpkgQuery));
    const flags = ['libssl3', 'zdemo', 'gone', 'never', 'broken', 'half'].map((name) => {
      const entry = entries.get(name);
      return [name, entry?.present, entry?.clean, entry?.held];
    });
    assert.deepEqual(flags, [
      ['libssl3', true, true, false],
      ['zdemo', true, true, true],
      ['gone', false, false, false],
      ['never', false, false, false],
      ['broken', true, false, false],
      ['half', true, false, false],
    ]);
  });

  it('reads dry runs, printed addresses, locks and automatic marks', () => {
    const plan = parseAptSimulation(recorded.simulation);
    assert.deepEqual([...plan.install.values()], ['3.0.22-1~deb12u2', '1.1.0', '1.1.0']);
    assert.deepEqual(plan.remove, ['zold']);
    assert.deepEqual(
      parsePrintedUris(recorded.printedUris).map(({ bytes }) => bytes),
      [2_023_000, 3214],
    );
    assert.deepEqual([...parseProcLocks(recorded.procLocks)], [['5407129', 4711]]);
    assert.equal(unitOf('0::/system.slice/apt-daily-upgrade.service\n'), 'apt-daily-upgrade.service');
    assert.equal(unitOf('0::/user.slice\n'), null);
    assert.deepEqual(
      [...parseAutomaticPackages('Package: a\nAuto-Installed: 1\n\nPackage: b\nAuto-Installed: 0\n')],
      ['a'],
    );
  });
});

describe('Debian versions', () => {
  const ascending = [
    '1.0~~',
    '1.0~rc1',
    '1.0',
    '1.0-1',
    '1.0-1+b1',
    '1.0a',
    '1.0+dfsg-1',
    '1.0.1',
    '1.2',
    '1.10',
    '1:0.1',
    '1:0.1-10',
    '10:0',
  ];

  it('are ordered as policy says', () => {
    const shuffled = [...ascending].reverse().sort(compareDebianVersions);
    assert.deepEqual(shuffled, ascending);
    assert.equal(compareDebianVersions('1.0', '0:1.0-0'), 0);
  });

  it('are ordered as dpkg orders them', function () {
    if (spawnSync('dpkg', ['--version']).status !== 0) skipBecause(this, 'dpkg is not installed here');
    const pairs = ascending.flatMap((left) => ascending.slice(0, 6).map((right) => [left, right] as const));
    for (const [left, right] of pairs) {
      const lower = spawnSync('dpkg', ['--compare-versions', left, 'lt', right]).status === 0;
      assert.equal(compareDebianVersions(left, right) < 0, lower, `${left} < ${right}`);
    }
  });
});
