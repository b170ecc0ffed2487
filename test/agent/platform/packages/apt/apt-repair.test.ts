import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { AptRig, target } from './apt-rig.ts';

describe('over what an interruption left, apt', () => {
  let rig: AptRig;
  beforeEach(async () => {
    rig = new AptRig();
    await rig.prepare();
  });
  afterEach(() => rig.remove());

  /** What dpkg says until everything was configured and, where that is needed, installed again. */
  function broken(abbreviation: string, cure: string): void {
    let isCured = false;
    rig.commands.answers = [
      ['dpkg-query zdemo', () => ({ stdout: rig.has('zdemo', isCured ? '1.1.0' : '1.0.0') })],
      ['dpkg-query', () => ({ stdout: rig.has('zold', '5', isCured ? 'ii ' : abbreviation) })],
      ['dpkg --audit', () => ({ stdout: isCured ? '' : 'zold is not as it should be' })],
      [cure, () => ((isCured = true), {})],
    ];
  }

  it('lets a half-configured package pass preflight with a remark, and configures it only in apply', async () => {
    broken('iF ', 'apt-get install');
    await rig.packages.preflight([target], rig.context);
    assert.match(rig.context.remarks.join(), /interrupted dpkg is finished during apply/);
    assert.deepEqual(rig.ran('dpkg --force-confdef'), []);

    broken('iF ', 'dpkg --configure');
    await rig.packages.install([target], rig.context);
    assert.deepEqual(rig.ran('dpkg --force-confdef'), ['dpkg --force-confdef --force-confold --configure -a']);
  });

  it('finishes a transaction that only dpkg’s journal knows of', async () => {
    rig.commands.answers = [['dpkg-query zdemo', { stdout: rig.has('zdemo', '1.0.0') }]];
    await writeFile(join(rig.directory, 'dpkg/updates/0001'), '');
    await rig.packages.preflight([target], rig.context);
    assert.match(rig.context.remarks.join(), /journal is not empty/);
  });

  it('installs exactly the version again that dpkg wants reinstalled: fetched before, installed in apply', async () => {
    broken('iHR', 'apt-get install --no-download');
    await rig.packages.preflight([target], rig.context);
    assert.match(rig.ran('apt-get -s').join(), /--reinstall install zdemo=1\.1\.0 zold=5$/);
    assert.match(rig.context.remarks.join(), /zold 5 installed again/);

    await assert.rejects(rig.packages.fetch([target], [], rig.context), { code: 'download-failed' });
    const fetched = rig.commands.ran.find((command) => command.includes('--download-only')) ?? '';
    assert.match(fetched, /--reinstall .*Debug::NoLocking=true --download-only install zdemo=1\.1\.0 zold=5$/);

    await rig.packages.install([target], rig.context);
    assert.match(rig.ran('apt-get').at(-1) ?? '', /--no-download --reinstall install zdemo=1\.1\.0 zold=5$/);
  });

  it('does not install again what the order brings in another version anyway', async () => {
    rig.commands.answers = [
      ['dpkg-query', { stdout: rig.has('zdemo', '1.0.0', 'iHR') }],
      ['dpkg --audit', { stdout: 'zdemo must be reinstalled' }],
    ];
    await rig.packages.preflight([target], rig.context);
    assert.match(rig.ran('apt-get -s').join(), /install zdemo=1\.1\.0$/);
  });

  it('refuses damage that neither cure is for', async () => {
    rig.commands.answers = [
      ['dpkg-query', { stdout: rig.has('zdemo', '1.0.0') }],
      ['dpkg --audit', { stdout: 'The following packages are missing the list control file' }],
    ];
    await assert.rejects(rig.packages.preflight([target], rig.context), {
      code: 'packages-unclean',
      message: /list control file[^]*by hand/,
    });
    assert.deepEqual(rig.ran('apt-get'), []);
  });

  it('refuses a package that was never whole, since nobody knows its version', async () => {
    rig.commands.answers = [
      ['dpkg-query zdemo', { stdout: rig.has('zdemo', '1.0.0') }],
      ['dpkg-query', { stdout: rig.has('znew', '', 'iHR') }],
      ['dpkg --audit', { stdout: 'znew is half installed' }],
    ];
    await assert.rejects(rig.packages.preflight([target], rig.context), { code: 'packages-unclean', message: /znew/ });
  });

  it('takes its usual lock where there is nothing to repair', async () => {
    rig.commands.answers = [['dpkg-query', { stdout: rig.has('zdemo', '1.0.0') }]];
    await assert.rejects(rig.packages.fetch([target], [], rig.context), { code: 'download-failed' });
    assert.ok(!rig.commands.ran.some((command) => command.includes('NoLocking')));
  });
});
