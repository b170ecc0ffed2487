import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { skipBecause } from '../../../support/skip-because.ts';
import { removeTemporaryDirectories } from '../../../support/temporary-directory.ts';
import { FilesRig, ordered, PLAN } from './files-rig.ts';

const A = '/etc/shop/a.conf';
const B = '/etc/shop/b.conf';
const RECORD = '/var/lib/zdms/put-files.json';

function planOf(number: number): string {
  return number.toString(16).padStart(64, '0');
}

describe('a file that zdms put on a host', () => {
  let rig: FilesRig;
  before('write files of other owners', function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'giving files to others needs root');
  });
  beforeEach(async () => {
    rig = new FilesRig();
    rig.write(A, 'as it was\n');
    await rig.files.install(PLAN, [ordered(A, 'good\n'), ordered(B, 'good\n')], rig.context);
  });
  afterEach(() => removeTemporaryDirectories());

  /** What is no longer as it was put, by path. */
  async function drifted(): Promise<Readonly<Record<string, readonly string[]>>> {
    return Object.fromEntries((await rig.files.survey()).map(({ path, drift }) => [path, drift]));
  }

  it('is as it was put until somebody changes it', async () => {
    assert.deepEqual(await drifted(), { [A]: [], [B]: [] });
  });

  it('has another content, mode, owner or group, and each is told', async () => {
    rig.write(A, 'evil\n');
    await chmod(rig.at(B), 0o666);
    await chown(rig.at(B), 1, 2);

    assert.deepEqual(await drifted(), { [A]: ['content'], [B]: ['mode', 'owner', 'group'] });
  });

  it('is gone, alone or with its directory', async () => {
    rmSync(rig.at(A));
    assert.deepEqual(await drifted(), { [A]: ['gone'], [B]: [] });

    rmSync(rig.at('/etc/shop'), { recursive: true });
    assert.deepEqual(await drifted(), { [A]: ['gone'], [B]: ['gone'] });
  });

  it('is no file any more: a link is not followed, and nobody waits for a pipe', async () => {
    writeFileSync(rig.at('/etc/elsewhere'), 'good\n');
    rmSync(rig.at(A));
    symlinkSync(rig.at('/etc/elsewhere'), rig.at(A));
    rmSync(rig.at(B));
    execFileSync('mkfifo', [rig.at(B)]);

    assert.deepEqual(await drifted(), { [A]: ['kind'], [B]: ['kind'] });
  });

  it('is not looked for behind a link that its directory has become', async () => {
    renameSync(rig.at('/etc/shop'), rig.at('/etc/moved'));
    symlinkSync(rig.at('/etc/moved'), rig.at('/etc/shop'));

    assert.deepEqual(await drifted(), { [A]: ['kind'], [B]: ['kind'] });
  });

  it('has grown beyond all measure and is not read for that', async () => {
    truncateSync(rig.at(A), 2 ** 40);

    assert.deepEqual(await drifted(), { [A]: ['content'], [B]: [] });
  });

  it('is as its newest plan put it', async () => {
    await rig.files.install(planOf(2), [ordered(A, 'better\n')], rig.context);
    assert.deepEqual(await drifted(), { [A]: [], [B]: [] });

    rig.write(A, 'good\n');
    assert.deepEqual(await drifted(), { [A]: ['content'], [B]: [] });
  });

  it('is as a plan found it that had nothing to change there', async () => {
    rig.write(A, 'by hand\n');
    await rig.files.install(planOf(2), [ordered(A, 'by hand\n')], rig.context);

    assert.deepEqual(await drifted(), { [A]: [], [B]: [] });
  });

  it('is nobody’s any more once it was put back, unless an older plan had put it there', async () => {
    await rig.files.install(planOf(2), [ordered(A, 'better\n'), ordered('/etc/shop/c.conf', 'c\n')], rig.context);
    await rig.files.restore(planOf(2), rig.context);
    assert.deepEqual(await drifted(), { [A]: [], [B]: [] });

    await rig.files.restore(PLAN, rig.context);
    assert.deepEqual(await drifted(), {});
  });

  it('is nobody’s where the files could not be brought into force', async () => {
    rig.systemd.failures.set('reload shop.service', 1);
    const file = ordered('/etc/shop/c.conf', 'c\n', { kind: 'reload', unit: 'shop.service' });
    await assert.rejects(rig.files.install(planOf(2), [file], rig.context), { code: 'file-action-failed' });

    assert.deepEqual(await drifted(), { [A]: [], [B]: [] });
  });

  it('is watched for longer than what was there before is kept', async () => {
    for (let number = 2; number < 30; number += 1)
      await rig.files.install(planOf(number), [ordered(A, `good ${number}\n`)], rig.context);
    rig.write(B, 'evil\n');

    assert.deepEqual(await drifted(), { [A]: [], [B]: ['content'] });
    const { plans } = JSON.parse(readFileSync(rig.at(RECORD), 'utf8')) as { plans: readonly unknown[] };
    assert.equal(plans.length, 11);
  });

  it('is not watched where the record of it is damaged, until the next one is put', async () => {
    mkdirSync(rig.at('/var/lib/zdms'), { recursive: true });
    writeFileSync(rig.at(RECORD), '{"v":1');
    await assert.rejects(rig.files.survey());

    await rig.files.install(planOf(2), [ordered(B, 'better\n')], rig.context);

    assert.deepEqual(await drifted(), { [B]: [] });
  });
});
