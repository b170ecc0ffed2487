import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { AptRig, target } from './apt-rig.ts';

/** More than any disk has: a sparse file that takes no room of its own. */
const HUGE_BYTES = 2 ** 42;
const kernel = { name: 'linux-image-6.1.0-41-amd64', version: '6.1.1', sha256: null };

describe('room for a kernel in /boot', () => {
  let rig: AptRig;
  beforeEach(async () => {
    rig = new AptRig();
    await rig.prepare();
    rig.commands.answers = [['dpkg-query', { stdout: rig.has('zdemo', '1.0.0') + rig.has(kernel.name, '6.1.0') }]];
    for (const name of ['vmlinuz-6.1.0-40', 'initrd.img-6.1.0-40']) {
      await writeFile(join(rig.directory, 'boot', name), '');
      await truncate(join(rig.directory, 'boot', name), HUGE_BYTES);
    }
  });
  afterEach(() => rig.remove());

  it('is measured by the kernels that are there', async () => {
    await assert.rejects(rig.packages.preflight([kernel], rig.context), {
      code: 'boot-full',
      message: new RegExp(`boot: \\d+ MB free, ${Math.round((4 * HUGE_BYTES) / 1e6)} MB needed`),
    });
  });

  it('is asked of no order without one', async () => {
    await rig.packages.preflight([target], rig.context);
  });
});
