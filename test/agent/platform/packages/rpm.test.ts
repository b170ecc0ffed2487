import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, it } from 'mocha';
import { createHostPackages } from '../../../../agent/platform/packages/host-packages.ts';
import { packageManagerOf } from '../../../../agent/platform/packages/distribution.ts';
import { findPidFileHolder } from '../../../../agent/platform/packages/lock-holder.ts';
import { advisoriesClosedBy, toOffer } from '../../../../agent/platform/packages/rpm/rpm-advisories.ts';
import {
  entriesByName,
  findDuplicates,
  parseRpmHeaders,
} from '../../../../agent/platform/packages/rpm/rpm-database.ts';
import { classifyRpmFailure, failedScript } from '../../../../agent/platform/packages/rpm/rpm-failure.ts';
import { compareRpmVersions } from '../../../../agent/platform/packages/rpm/rpm-version.ts';
import {
  readAdvisories,
  readRepositoryPackages,
} from '../../../../agent/platform/packages/zypper/repository-metadata.ts';
import {
  isLocked,
  parseErrors,
  parseInstallSummary,
  parseLocks,
  parsePrompt,
  parseRepositories,
  parseUpdates,
} from '../../../../agent/platform/packages/zypper/zypper-answers.ts';
import { type CommandResult, type Commands, systemCommands } from '../../../../agent/platform/run-command.ts';
import { packageName, packageVersion } from '../../../../proto/zdms/v1/executor.ts';
import { needsProgram } from '../../../support/needs-program.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';

const ascending = ['1.0~rc1', '1.0', '1.0^git1', '1.0^git2', '1.0a', '1.0.1', '1.0.9', '1.0.10', '1.2', '1.2.1', '2'];

describe('versions of rpm', () => {
  it('are ordered by tilde, caret, letters and numbers of any length', () => {
    const shuffled = [...ascending].reverse().sort(compareRpmVersions);

    assert.deepEqual(shuffled, ascending);
    assert.ok(compareRpmVersions('1:1.0-1', '9.0-1') > 0);
    assert.ok(compareRpmVersions('1.0-9.el9', '1.0-10.el9') < 0);
    assert.equal(compareRpmVersions('1.05-1', '1.5-1'), 0);
  });

  it('are ordered as rpm itself orders them', function () {
    needsProgram(this, 'rpm');
    const pairs = ascending.flatMap((left) => ascending.map((right) => [left, right] as const));
    const lua = pairs.map(([left, right]) => `print(rpm.vercmp("${left}", "${right}") .. " ")`).join(' ');
    const { stdout } = spawnSync('rpm', ['--eval', `%{lua:${lua}}`], { encoding: 'utf8' });

    const ours = pairs.map(([left, right]) => Math.sign(compareRpmVersions(left, right)));

    assert.deepEqual(stdout.trim().split(/\s+/).map(Number), ours);
  });

  it('and names pass the wire, and can be no option of a package manager', () => {
    for (const name of ['NetworkManager', 'libstdc++', 'python3.11-libs', 'gtk2_engine', 'R']) packageName.parse(name);
    for (const version of ['2:1.0~rc1^git1-3.el9_2', '20240101-1']) packageVersion.parse(version);
    for (const text of ['-y', '--root', '../x', 'a b', '']) {
      assert.equal(packageName.safeParse(text).success, false, text);
      assert.equal(packageVersion.safeParse(text).success, false, text);
    }
  });
});

describe('the rpm database', () => {
  const text = [
    'zdemo\t1.0.0-1\tnoarch',
    'package znever is not installed',
    'kernel-core\t5.14.0-1.el9\tx86_64',
    'kernel-core\t5.14.0-10.el9\tx86_64',
    'zlib\t0:1.2-1\ti686',
    'gpg-pubkey\t5271ef35-6b090f31\t(none)',
    'zstop\t1.1.0-1\tnoarch',
    'zstop\t1.0.0-1\tnoarch',
    '',
  ].join('\n');

  it('is read by name, the newest version first, without keys and without an epoch of 0', () => {
    const entries = entriesByName(parseRpmHeaders(text));

    assert.deepEqual(entries.get('kernel-core')?.versions, ['5.14.0-10.el9', '5.14.0-1.el9']);
    assert.deepEqual(entries.get('zlib')?.versions, ['1.2-1']);
    assert.deepEqual([...entries.keys()].sort(), ['kernel-core', 'zdemo', 'zlib', 'zstop']);
  });

  it('has a duplicate where a transaction was cut off, but not of what may be there twice', async () => {
    const commands: Pick<Commands, 'run'> = {
      run(argv): Promise<CommandResult> {
        const provides = argv.includes('kernel-core') ? 'installonlypkg(kernel)\nkernel = 5\n' : 'zstop = 1\n';
        const stdout = argv.includes('--provides') ? provides : text;
        return Promise.resolve({ exitCode: 0, stdout, stderr: '', timedOut: false });
      },
    };

    const found = await findDuplicates(commands as Commands);

    assert.deepEqual(
      found.map((entry) => [entry.name, entry.versions]),
      [['zstop', ['1.1.0-1', '1.0.0-1']]],
    );
  });
});

describe('zypper, as recorded,', () => {
  it('says what a transaction would bring and remove', () => {
    const plan = parseInstallSummary(`<stream><message type="info">Loading repository data...</message>
<install-summary download-size="12547" space-usage-diff="0" packages-to-change="3">
<to-upgrade>
<solvable type="package" name="zlib-demo" edition="1.1.0-1" arch="noarch" edition-old="1.0.0-1" arch-old="noarch" summary="demo">
<description>a &lt;to-remove&gt; in words</description></solvable>
<solvable type="package" name="zuser" edition="1:1.1.0-1" arch="noarch" edition-old="1.0.0-1" arch-old="noarch" summary="demo"/>
</to-upgrade>
<to-remove>
<solvable type="package" name="zold" edition="1.0.0-1" arch="noarch" summary="demo"><description>demo</description></solvable>
</to-remove>
</install-summary></stream>`);

    assert.deepEqual(plan, {
      install: [
        { name: 'zlib-demo', version: '1.1.0-1', downloadBytes: 12547, kept: false },
        { name: 'zuser', version: '1:1.1.0-1', downloadBytes: 0, kept: false },
      ],
      remove: ['zold'],
    });
  });

  it('says why its solver cannot go on, and what it could not find', () => {
    const asked = `<prompt id="1"><description>Problem: zclash conflicts with &apos;zold&apos;
 Solution 1: deinstallation of zold</description><text>Choose</text></prompt>`;

    assert.match(parsePrompt(asked), /^Problem: zclash conflicts with 'zold'/);
    assert.equal(
      parseErrors(`<message type="error">No provider of &apos;zdemo=9-1&apos; found.</message>`),
      "No provider of 'zdemo=9-1' found.",
    );
  });

  it('tells its locks, repositories and updates', () => {
    const locks = parseLocks(`<locks size="2"><lock number="1"><name>zd*</name><type>package</type></lock>
<lock number="2"><name>other</name><type>patch</type></lock></locks>`);

    assert.deepEqual(locks, ['zd*']);
    assert.equal(isLocked('zdemo', locks), true);
    assert.equal(isLocked('azdemo', locks), false);
    assert.deepEqual(parseRepositories('<repo alias="a" enabled="1"/><repo alias="b" enabled="0"/>'), ['a']);
    assert.deepEqual(
      [
        ...parseUpdates(
          '<update name="zdemo" edition="1.2.0-1" kind="package"/><update name="p" edition="1" kind="patch"/>',
        ),
      ],
      [['zdemo', '1.2.0-1']],
    );
  });
});

describe('metadata of a repository', () => {
  afterEach(removeTemporaryDirectories);

  const primary = `<metadata packages="2"><package type="rpm"><name>zdemo</name><arch>noarch</arch>
<version epoch="0" ver="1.1.0" rel="1"/><checksum type="sha256" pkgid="YES">${'a'.repeat(64)}</checksum>
<size package="6193" installed="6" archive="412"/><location href="zdemo.rpm"/><format><rpm:provides><rpm:entry name="zdemo"/></rpm:provides></format></package>
<package type="rpm"><name>other</name><arch>noarch</arch><version epoch="2" ver="1" rel="1"/></package></metadata>`;
  const updates = `<updates><update from="zlab" type="security"><id>ZLAB-1</id><severity>Important</severity>
<references><reference id="CVE-2026-0001" type="cve"/><reference id="77" type="bugzilla"/></references>
<pkglist><collection><package name="zdemo" version="1.1.0" release="1" epoch="0"/><package name="other" version="1" release="1" epoch="2"/></collection></pkglist></update></updates>`;

  function write(suffix: string, pack: (text: string) => Buffer): string {
    const cache = temporaryDirectory();
    mkdirSync(join(cache, 'repodata'));
    writeFileSync(join(cache, `repodata/p.xml${suffix}`), pack(primary));
    writeFileSync(join(cache, `repodata/u.xml${suffix}`), pack(updates));
    const data = (type: string, file: string): string =>
      `<data type="${type}"><location href="repodata/${file}.xml${suffix}"/></data>`;
    writeFileSync(
      join(cache, 'repodata/repomd.xml'),
      `<repomd>${data('primary', 'p')}${data('updateinfo', 'u')}</repomd>`,
    );
    return cache;
  }

  for (const [suffix, pack] of [
    ['', (text: string) => Buffer.from(text)],
    ['.gz', (text: string) => gzipSync(text)],
    ['.zst', (text: string) => zstdCompressSync(text)],
  ] as const) {
    it(`tell packages and advisories, packed as "${suffix}"`, async () => {
      const cache = write(suffix, pack);

      const packages = await readRepositoryPackages(cache, new Set(['zdemo']));
      const advisories = await readAdvisories(cache, new Set(['zdemo']));

      assert.deepEqual(packages, [
        { name: 'zdemo', version: '1.1.0-1', architecture: 'noarch', sha256: 'a'.repeat(64), downloadBytes: 6193 },
      ]);
      assert.deepEqual(advisories, [
        [
          'zdemo',
          { id: 'ZLAB-1', kind: 'security', severity: 'Important', cves: ['CVE-2026-0001'], versions: ['1.1.0-1'] },
        ],
      ]);
    });
  }

  it('fail where they are packed in another way, or torn', async () => {
    const names = new Set(['zdemo']);

    await assert.rejects(readRepositoryPackages(write('.xz', Buffer.from), names), /compression/);
    await assert.rejects(
      readRepositoryPackages(
        write('.gz', (text) => gzipSync(text).subarray(0, 60)),
        names,
      ),
    );
  });

  it('make an offer a security update where it closes an advisory that is newer than what is installed', () => {
    const advisory = { id: 'A', kind: 'security', severity: '', cves: ['CVE-2026-0001'], versions: ['1.1.0-1'] };
    const offer = { version: '1.2.0-1', sha256: '', downloadBytes: 1, origin: 'lab' };

    assert.equal(toOffer(offer, '1.0.0-1', [advisory]).security, true);
    const { advisories, cves, advisoriesKnown } = toOffer(offer, '1.0.0-1', [advisory]);
    assert.deepEqual([advisories, cves, advisoriesKnown], [['A'], ['CVE-2026-0001'], true]);
    assert.equal(toOffer(offer, '1.1.0-1', [advisory]).security, false);
    assert.equal(toOffer({ ...offer, version: '0.9.0-1' }, '1.0.0-1', [advisory]).security, false);
    assert.equal(toOffer(offer, '1.0.0-1', [{ ...advisory, kind: 'bugfix' }]).security, false);
    assert.deepEqual(
      advisoriesClosedBy('1.2.0-1', '1.0.0-1', [advisory]).map(({ id }) => id),
      ['A'],
    );
  });
});

describe('what rpm says', () => {
  it('of a script that failed is found under dnf and under zypper', () => {
    const line = 'warning: %post(zbad-1.1.0-1.noarch) scriptlet failed, exit status 1';

    assert.equal(failedScript(`Running transaction\n${line}\n\nError in POSTIN scriptlet in rpm package zbad\n`), line);
    assert.equal(failedScript('Complete!\n'), null);
    assert.equal(classifyRpmFailure(line, 'package-manager-failed'), 'package-script-failed');
  });

  it('of a full disk and of a lock has a code of its own', () => {
    const full = 'installing package zdemo needs 12MB on the / filesystem';

    assert.equal(classifyRpmFailure(full, 'package-manager-failed'), 'disk-full');
    assert.equal(
      classifyRpmFailure("can't create transaction lock on /var/lib/rpm/.rpm.lock", 'package-manager-failed'),
      'lock-held',
    );
    assert.equal(classifyRpmFailure('nobody knows', 'package-manager-failed'), 'package-manager-failed');
  });
});

describe('the package manager of a host', () => {
  afterEach(removeTemporaryDirectories);

  it('is that of its distribution, or of the closest one that it is like', () => {
    assert.equal(packageManagerOf('NAME="x"\nID=debian\n'), 'apt');
    assert.equal(packageManagerOf('ID=linuxmint\nID_LIKE="ubuntu debian"\n'), 'apt');
    assert.equal(packageManagerOf('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), 'dnf');
    assert.equal(packageManagerOf('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n'), 'zypper');
    assert.equal(packageManagerOf('ID="sles"\nID_LIKE="suse"\n'), 'zypper');
    assert.equal(packageManagerOf('ID=constructor\n'), null);
    assert.equal(packageManagerOf(''), null);
  });

  it('is none on a distribution that zdms does not know: packages are refused with the reason, and the rest works', async () => {
    const packages = createHostPackages(systemCommands, '/nonexistent', 'ID=alpine\n');

    const refused = { code: 'distribution-unknown', message: /ID=alpine.*ID_LIKE/ };
    await assert.rejects(packages.survey(false), refused);
    await assert.rejects(packages.installed(['zdemo']), refused);
  });

  it('is at work where a living process is named in its file, and not where that process is gone', async () => {
    const directory = temporaryDirectory();
    const [living, gone, empty] = ['living', 'gone', 'empty'].map((name) => join(directory, name));
    writeFileSync(living ?? '', `${process.ppid}\n`);
    writeFileSync(gone ?? '', '4194305');
    writeFileSync(empty ?? '', '');

    assert.match(
      (await findPidFileHolder([gone ?? '', living ?? ''])) ?? '',
      new RegExp(`living is held by process ${process.ppid} `),
    );
    assert.equal(await findPidFileHolder([gone ?? '', empty ?? '', '/nonexistent']), null);
  });
});
