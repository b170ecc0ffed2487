import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { FileDifference, OrderedFile } from '../../../../proto/zdms/v1/executor.ts';
import { fileDifference } from '../../../../proto/zdms/v1/executor.ts';
import { skipBecause } from '../../../support/skip-because.ts';
import { removeTemporaryDirectories } from '../../../support/temporary-directory.ts';
import { FilesRig, ordered } from './files-rig.ts';

const A = '/etc/shop/a.conf';
const nothing = { path: A, rights: [], diff: '', moreLines: 0, detail: '' };

function numbers(count: number, prefix = ''): string {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}\n`).join('');
}

describe('what a plan would change in a file', () => {
  let rig: FilesRig;
  before('compare files of other owners', function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'giving files to others needs root');
  });
  beforeEach(async () => {
    rig = new FilesRig();
    await chmod(rig.root, 0o755);
    rig.write(A, 'one\ntwo\nthree\n');
  });
  afterEach(() => removeTemporaryDirectories());

  /** What the host answers, in the bounds of the wire. */
  async function compared(...files: readonly OrderedFile[]): Promise<readonly FileDifference[]> {
    return fileDifference.array().parse(await rig.files.compare(files));
  }

  it('is shown line by line, and nothing is changed by that', async () => {
    assert.deepEqual(await compared(ordered(A, 'one\n2\nthree\n')), [
      { ...nothing, kind: 'changed', diff: '@@ -1,3 +1,3 @@\n one\n-two\n+2\n three' },
    ]);
    assert.equal(rig.read(A), 'one\ntwo\nthree\n');
  });

  it('is all of it where nothing is there', async () => {
    const path = '/etc/shop/new.conf';
    assert.deepEqual(await compared(ordered(path, 'x\n')), [
      { ...nothing, path, kind: 'new', diff: '@@ -0,0 +1,1 @@\n+x' },
    ]);
    assert.equal(rig.read(path), null);
  });

  it('is nothing where it is right already', async () => {
    assert.deepEqual(await compared(ordered(A, 'one\ntwo\nthree\n')), [{ ...nothing, kind: 'same' }]);
  });

  it('is mode, owner and group too', async () => {
    await chmod(rig.at(A), 0o664);
    await chown(rig.at(A), 1, 2);

    const rights = ['mode 0664 -> 0644', 'owner 1 -> root', 'group 2 -> root'];
    assert.deepEqual(await compared(ordered(A, 'one\ntwo\nthree\n')), [{ ...nothing, kind: 'changed', rights }]);
  });

  it('shows no content that not everybody may read, neither the old one nor the new one', async () => {
    const closed = { ...ordered(A, 'secret of tomorrow\n'), mode: 0o640 };
    assert.deepEqual(await compared(closed), [
      { ...nothing, kind: 'changed', rights: ['mode 0644 -> 0640'], detail: 'mode 0640' },
    ]);
    await chmod(rig.at(A), 0o600);
    assert.deepEqual(await compared(ordered(A, 'x\n')), [
      { ...nothing, kind: 'changed', rights: ['mode 0600 -> 0644'], detail: 'mode 0600' },
    ]);
  });

  it('shows no content of a directory that is closed to others', async () => {
    await chmod(rig.at('/etc/shop'), 0o700);

    assert.deepEqual(await compared(ordered(A, 'x\n')), [
      { ...nothing, kind: 'changed', detail: '/etc/shop is not open to all' },
    ]);
  });

  it('is said and not shown where what is there is no text, or too long to be read', async () => {
    writeFileSync(rig.at(A), Buffer.from([0xff, 0xfe, 0x00]));
    assert.deepEqual(await compared(ordered(A, 'x\n')), [{ ...nothing, kind: 'changed', detail: 'it is no text now' }]);

    truncateSync(rig.at(A), 2 ** 40);
    assert.deepEqual(await compared(ordered(A, 'x\n')), [
      { ...nothing, kind: 'changed', detail: `it has ${2 ** 40} bytes now` },
    ]);
  });

  it('ends somewhere, and says how much is left', async () => {
    rig.write(A, numbers(400));
    const [long] = await compared(ordered(A, numbers(400, 'x')));
    assert.deepEqual([long?.diff.split('\n').length, long?.moreLines], [200, 601]);

    const [wide] = await compared(ordered('/etc/shop/wide', `${'x'.repeat(10_000)}\n`));
    assert.equal(wide?.diff.length, '@@ -0,0 +1,1 @@\n'.length + 301);

    const paths = Array.from({ length: 7 }, (_, index) => `/etc/shop/${index}`);
    const all = await compared(...paths.map((path) => ordered(path, numbers(300))));
    assert.deepEqual(
      all.map(({ diff, moreLines }) => [diff === '' ? 0 : diff.split('\n').length, moreLines]),
      [...new Array<number[]>(5).fill([200, 101]), [0, 301], [0, 301]],
    );
  });

  it('is not worked out where nearly every line of a long text is another one', async () => {
    rig.write(A, numbers(2000));
    assert.deepEqual(await compared(ordered(A, numbers(2000, 'x'))), [
      { ...nothing, kind: 'changed', detail: 'it is another text altogether' },
    ]);
    const [added] = await compared(ordered('/etc/shop/new', numbers(20_000)));
    assert.equal(added?.moreLines, 19_801);
  });

  it('is not to be told where it could not be put there, and the others are compared all the same', async () => {
    writeFileSync(rig.at('/etc/elsewhere'), 'elsewhere\n');
    symlinkSync(rig.at('/etc/elsewhere'), rig.at('/etc/shop/link'));
    mkdirSync(rig.at('/etc/open'));
    await chmod(rig.at('/etc/open'), 0o777);
    const unfit = [
      ordered('/etc/shop/link', 'x\n'),
      ordered('/etc/none/x', 'x\n'),
      ordered('/etc/open/x', 'x\n'),
      ordered('/etc/zdms/order.pub', 'x\n'),
      { ...ordered(A, 'x\n'), owner: 'nobody-knows' },
    ];

    const found = await compared(...unfit, ordered(A, 'one\ntwo\nthree\n'));

    assert.deepEqual(
      found.map(({ kind, diff }) => [kind, diff]),
      [...unfit.map(() => ['unfit', '']), ['same', '']],
    );
    for (const { detail } of found.slice(0, -1)) assert.match(detail, /Next: /);
  });
});
