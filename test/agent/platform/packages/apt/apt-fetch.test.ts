import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { AptRig, target } from './apt-rig.ts';

describe('apt fetches', () => {
  let rig: AptRig;
  beforeEach(async () => {
    rig = new AptRig({ keepDownloadsMs: -1 });
    await rig.prepare();
  });
  afterEach(() => rig.remove());

  async function put(path: string, text: string): Promise<string> {
    const file = join(rig.directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  /** dpkg has this version, and no repository has any other. */
  function onlyHas(version: string): void {
    rig.commands.answers = [
      ['dpkg-query zdemo', { stdout: rig.has('zdemo', version) }],
      ['apt-get download', { exitCode: 100 }],
    ];
  }

  it('and deletes a file that is not the planned one', async () => {
    const file = await put('archives/zdemo_1.1.0_all.deb', 'something else');
    onlyHas('1.0.0');

    const wanted = { ...target, sha256: 'f'.repeat(64) };

    await assert.rejects(rig.packages.fetch([wanted], [], rig.context), { code: 'digest-mismatch' });
    assert.equal(existsSync(file), false);
  });

  it('and takes what apt itself has kept as the way back', async () => {
    await put('apt-archives/zdemo_1%3a1.0.0_all.deb', 'the file');
    onlyHas('1.1.0');

    const missing = await rig.packages.fetch([target], [{ ...target, version: '1:1.0.0' }], rig.context);

    assert.deepEqual(missing, []);
    assert.equal(readFileSync(join(rig.directory, 'archives/zdemo_1%3a1.0.0_all.deb'), 'utf8'), 'the file');
  });

  it('and takes no file as the way back that cannot be read', async () => {
    await put('archives/zdemo_1.0.0_all.deb', 'half of i');
    onlyHas('1.1.0');
    rig.commands.answers.push(['dpkg-deb', { exitCode: 2 }]);
    const previous = { ...target, version: '1.0.0' };

    assert.deepEqual(await rig.packages.fetch([target], [previous], rig.context), [previous]);
  });

  it('and throws away what is old, but nothing that is installed or wanted', async () => {
    for (const version of ['0.9.0', '1.0.0', '1.1.0']) await put(`archives/zdemo_${version}_all.deb`, version);
    onlyHas('1.0.0');

    await rig.packages.fetch([target], [], rig.context);

    const left = readdirSync(join(rig.directory, 'archives')).filter((name) => name.endsWith('.deb'));
    assert.deepEqual(left, ['zdemo_1.0.0_all.deb', 'zdemo_1.1.0_all.deb']);
  });
});
