import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Commands } from '../../../../../agent/platform/run-command.ts';
import { AptRig, target } from './apt-rig.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describe('a configuration file that dpkg would ask about', () => {
  let rig: AptRig;
  beforeEach(async () => {
    rig = new AptRig();
    await rig.prepare();
    await writeFile(join(rig.directory, 'archives/zdemo_1.1.0_all.deb'), 'the package');
  });
  afterEach(() => rig.remove());

  /** Fetches with the file as its package brought it, as it is on the host (null: deleted), and as the new package brings it. */
  async function remarksOf(brought: string, here: string | null, comes: string): Promise<string> {
    if (here !== null) await writeFile(join(rig.directory, 'etc/zdemo.conf'), here);
    rig.commands.answers = [
      ['dpkg-query ${Conffiles}\\n', { stdout: ` /etc/zdemo.conf ${md5(brought)}\n /etc/gone ${md5('')} obsolete\n` }],
      ['dpkg-query', { stdout: rig.has('zdemo', '1.0.0') }],
    ];
    const answer = rig.commands.run.bind(rig.commands);
    rig.commands.run = ((argv) => {
      if (argv[1] === '--extract') {
        mkdirSync(join(argv[3] ?? '', 'etc'));
        writeFileSync(join(argv[3] ?? '', 'etc/zdemo.conf'), comes);
      }
      return answer(argv);
    }) satisfies Commands['run'];
    await rig.packages.fetch([target], [], rig.context);
    return rig.context.remarks.join();
  }

  it('is told after the download, with what will become of it', async () => {
    const remarks = await remarksOf('a=1', 'a=2', 'a=3');
    assert.match(remarks, /^\/etc\/zdemo\.conf was changed on this host and zdemo 1\.1\.0 brings a new one.*kept$/);
    assert.deepEqual(readdirSync(join(rig.directory, 'archives')).sort(), ['partial', 'zdemo_1.1.0_all.deb']);
  });

  for (const [what, brought, here, comes] of [
    ['nobody changed it here', 'a=1', 'a=1', 'a=3'],
    ['the package did not change it', 'a=1', 'a=2', 'a=1'],
    ['both changed it in the same way', 'a=1', 'a=2', 'a=2'],
    ['somebody deleted it', 'a=1', null, 'a=3'],
  ] as const)
    it(`is none where ${what}`, async () => assert.equal(await remarksOf(brought, here, comes), ''));
});
