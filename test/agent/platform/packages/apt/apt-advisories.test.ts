import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { withAdvisories } from '../../../../../agent/platform/packages/apt/apt-advisories.ts';
import { parseSources } from '../../../../../agent/platform/packages/apt/apt-records.ts';
import type { Apt } from '../../../../../agent/platform/packages/apt/apt-setting.ts';
import { defaultAptPaths } from '../../../../../agent/platform/packages/apt/apt.ts';
import { defaultPackageLimits } from '../../../../../agent/platform/packages/package-limits.ts';
import type { PackageOffer, PackageState } from '../../../../../agent/platform/packages/packages.ts';
import type { CommandOptions, CommandResult } from '../../../../../agent/platform/run-command.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../../support/temporary-directory.ts';

const hour = 3_600_000;

/** An archive of changelogs by `SOURCE VERSION`, as `apt-get changelog` reaches it. */
class Archive {
  readonly changelogs = new Map<string, string>();
  /** What was asked for, one entry for each call of apt. */
  readonly asked: (readonly string[])[] = [];
  /** Where the files were to go. */
  readonly directories: string[] = [];
  readonly #sourceOf: ReturnType<typeof parseSources>;

  constructor(sourceOf: ReturnType<typeof parseSources>) {
    this.#sourceOf = sourceOf;
  }

  async run(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
    const wanted = argv.slice(argv.indexOf('changelog') + 1);
    this.asked.push(wanted);
    this.directories.push(options.workingDirectory ?? '');
    let exitCode = 0;
    for (const [name = '', version = ''] of wanted.map((each) => each.split('='))) {
      const source = this.#sourceOf(name, version);
      const text = this.changelogs.get(`${source.name} ${source.version}`);
      if (text === undefined) exitCode = 100;
      else writeFileSync(join(options.workingDirectory ?? '', `${source.name}.changelog`), text);
    }
    return { exitCode, stdout: '', stderr: '', timedOut: false };
  }
}

function offer(version: string): PackageOffer {
  return {
    ...{ version, sha256: 'a', downloadBytes: 1, security: false, origin: '' },
    ...{ advisories: [], cves: [], advisoriesKnown: false },
  };
}

function stateOf(name: string, installed: string, ...versions: readonly string[]): PackageState {
  const common = { name, installed, held: false, wayBack: 'offered' } as const;
  return { ...common, candidate: versions[0] ?? installed, offers: versions.map(offer) };
}

function entry(source: string, version: string, text: string): string {
  return `${source} (${version}) stable; urgency=high\n\n  * ${text}\n\n -- A <a@localhost>  Thu, 01 Jan 2026 00:00:00 +0000\n`;
}

/** `version: ids`, with a question mark where nothing is known. */
function told(states: readonly PackageState[]): readonly string[] {
  return states.flatMap(({ name, offers }) =>
    offers.map(
      ({ version, cves, advisoriesKnown }) => `${name} ${version}: ${cves.join(' ')}${advisoriesKnown ? '' : '?'}`,
    ),
  );
}

describe('what newer versions close', () => {
  const sourceOf = parseSources(`Package: gcc
Source: gcc-defaults (1.203)
Version: 4:12.2.0-3

Package: gcc
Source: gcc-defaults (1.205)
Version: 4:12.2.0-5

Package: libcurl4
Source: curl
Version: 8.1-1

Package: libcurl4
Source: curl
Version: 8.0-1
`);
  let archive: Archive;
  let apt: Apt;
  let now: number;

  beforeEach(() => {
    archive = new Archive(sourceOf);
    const changelogs = join(temporaryDirectory(), 'zdms/changelogs.json');
    const commands = { run: archive.run.bind(archive), runLogged: archive.run.bind(archive) };
    apt = { commands, paths: { ...defaultAptPaths, changelogs }, limits: defaultPackageLimits };
    now = 0;
  });
  afterEach(removeTemporaryDirectories);

  function ask(...states: readonly PackageState[]): Promise<readonly PackageState[]> {
    return withAdvisories(apt, states, sourceOf, { fetch: true, nowMs: now });
  }

  const text = [
    entry('zdemo', '1.2.0', 'CVE-2026-0012'),
    entry('zdemo', '1.1.0', 'CVE-2026-0011'),
    entry('zdemo', '1.0.0', 'CVE-2026-0010'),
  ].join('\n');

  it('is in the changelog of the newest, for all of them', async () => {
    archive.changelogs.set('zdemo 1.2.0', text);

    const found = await ask(stateOf('zdemo', '1.0.0', '1.2.0', '1.1.0', '0.9.0'));

    assert.deepEqual(told(found), [
      'zdemo 1.2.0: CVE-2026-0011 CVE-2026-0012',
      'zdemo 1.1.0: CVE-2026-0011',
      'zdemo 0.9.0: ?',
    ]);
    assert.deepEqual(archive.asked, [['zdemo=1.2.0']]);
  });

  it('is in a changelog of its own where a version is of another branch', async () => {
    archive.changelogs.set('zdemo 2.0~bpo', entry('zdemo', '2.0~bpo', 'CVE-2026-0020'));
    archive.changelogs.set('zdemo 1.1.0', text.slice(text.indexOf('zdemo (1.1.0)')));

    const found = await ask(stateOf('zdemo', '1.0.0', '2.0~bpo', '1.1.0'));

    assert.deepEqual(told(found), ['zdemo 2.0~bpo: CVE-2026-0020', 'zdemo 1.1.0: CVE-2026-0011']);
  });

  it('is found by the versions of the source, where a binary package has others', async () => {
    archive.changelogs.set(
      'gcc-defaults 1.205',
      [entry('gcc-defaults', '1.205', 'CVE-2026-0205'), entry('gcc-defaults', '1.203', 'CVE-2026-0203')].join('\n'),
    );

    assert.deepEqual(told(await ask(stateOf('gcc', '4:12.2.0-3', '4:12.2.0-5'))), ['gcc 4:12.2.0-5: CVE-2026-0205']);
  });

  it('is fetched once for all packages of a source, and once for all surveys', async () => {
    archive.changelogs.set('curl 8.1-1', entry('curl', '8.1-1', 'CVE-2026-0081'));
    const states = [stateOf('curl', '8.0-1', '8.1-1'), stateOf('libcurl4', '8.0-1', '8.1-1')];

    await ask(...states);
    now += 10 * hour;
    const again = await ask(...states);

    assert.deepEqual(told(again), ['curl 8.1-1: CVE-2026-0081', 'libcurl4 8.1-1: CVE-2026-0081']);
    assert.equal(archive.asked.length, 1);
  });

  it('is not known where there is no changelog, nor an error; and is asked for again after some hours', async () => {
    const state = stateOf('docker-ce', '26', '27');

    assert.deepEqual(told(await ask(state)), ['docker-ce 27: ?']);
    now += hour;
    await ask(state);
    assert.equal(archive.asked.length, 1);

    now += 6 * hour;
    archive.changelogs.set('docker-ce 27', entry('docker-ce', '27', 'CVE-2026-0027') + entry('docker-ce', '26', ''));
    assert.deepEqual(told(await ask(state)), ['docker-ce 27: CVE-2026-0027']);
  });

  it('is not known by the changelog of another version', async () => {
    archive.changelogs.set('zdemo 1.2.0', entry('zdemo', '1.1.0', 'CVE-2026-0011'));

    assert.deepEqual(told(await ask(stateOf('zdemo', '1.0.0', '1.2.0'))), ['zdemo 1.2.0: ?']);
  });

  it('is not asked for where nothing comes at all: not more than one batch', async () => {
    await ask(...Array.from({ length: 50 }, (_, at) => stateOf(`p${at}x`, '1', '2')));

    assert.deepEqual(
      archive.asked.map((batch) => batch.length),
      [20],
    );
  });

  it('is asked for a few at a time, and in the next survey goes on from there', async () => {
    const states = Array.from({ length: 70 }, (_, at) => stateOf(`p${at}x`, '1', '2'));
    for (const { name } of states) archive.changelogs.set(`${name} 2`, entry(name, '2', 'CVE-2026-0002'));

    const first = await ask(...states);
    const second = await ask(...states);

    assert.equal(told(first).filter((line) => line.endsWith('?')).length, 10);
    assert.equal(told(second).filter((line) => line.endsWith('?')).length, 0);
    assert.deepEqual(
      archive.asked.map((batch) => batch.length),
      [20, 20, 20, 10],
    );
  });

  it('is told from what was read before where nothing is to be fetched', async () => {
    archive.changelogs.set('zdemo 1.2.0', text);
    await ask(stateOf('zdemo', '1.0.0', '1.2.0'));

    const options = { fetch: false, nowMs: now };
    const found = await withAdvisories(apt, [stateOf('zdemo', '1.1.0', '1.2.0')], sourceOf, options);

    assert.deepEqual(told(found), ['zdemo 1.2.0: CVE-2026-0012']);
    assert.equal(archive.asked.length, 1);
  });

  it('leaves nothing behind but what it keeps, and asks nobody where nothing is newer', async () => {
    await ask(stateOf('zdemo', '1.0.0', '0.9.0'));
    assert.equal(existsSync(apt.paths.changelogs), false);

    archive.changelogs.set('zdemo 1.2.0', text);
    await ask(stateOf('zdemo', '1.0.0', '1.2.0'));
    assert.deepEqual(readdirSync(dirname(apt.paths.changelogs)), ['changelogs.json']);
  });

  it('is downloaded to where apt can move it: it renames what it has in /tmp, which may be a file system of its own', async () => {
    archive.changelogs.set('zdemo 1.2.0', text);

    await ask(stateOf('zdemo', '1.0.0', '1.2.0'));

    const [directory = ''] = archive.directories;
    assert.equal(dirname(directory), '/tmp');
    assert.equal(existsSync(directory), false);
  });

  it('begins anew where the kept file is broken', async () => {
    archive.changelogs.set('zdemo 1.2.0', text);
    await ask(stateOf('zdemo', '1.0.0', '1.2.0'));
    writeFileSync(apt.paths.changelogs, '{"half');

    assert.deepEqual(told(await ask(stateOf('zdemo', '1.1.0', '1.2.0'))), ['zdemo 1.2.0: CVE-2026-0012']);
  });
});
