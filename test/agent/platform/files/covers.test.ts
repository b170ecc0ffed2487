import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { coverOf, coversOf } from '../../../../agent/platform/files/covers.ts';
import { parseMountPoints } from '../../../../agent/platform/files/mount-points.ts';

describe('directories that are covered to show candidates', () => {
  const directoriesOf = (paths: readonly string[], mounts: readonly string[] = ['/']) =>
    coversOf(paths, mounts).map(({ directory }) => directory);

  it('are the outermost parents only', () => {
    assert.deepEqual(directoriesOf(['/etc/a/b/c', '/etc/a/x', '/etc/ab/y', '/opt/z']), ['/etc/a', '/etc/ab', '/opt']);
  });

  it('are those on another mount too, which would hide what is laid below them', () => {
    const covers = coversOf(['/etc/motd', '/etc/a/b/c'], ['/', '/etc/a', '/etc/hosts', '/srv']);

    assert.deepEqual(covers, [
      { directory: '/etc', mounted: ['/etc/a', '/etc/hosts'] },
      { directory: '/etc/a/b', mounted: [] },
    ]);
    assert.equal(coverOf('/etc/a/b/c', covers).directory, '/etc/a/b');
    assert.equal(coverOf('/etc/motd', covers).directory, '/etc');
  });

  it('know mounts as the kernel lists them, also with blanks in their names', () => {
    const text = [
      '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
      '36 22 98:0 / /mnt/with\\040blank rw shared:1 - ext4 /dev/x rw',
      '',
    ].join('\n');
    assert.deepEqual(parseMountPoints(text), ['/', '/mnt/with blank']);
  });
});
