import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, describe, it } from 'mocha';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';
import { build, packageDirectory, VERSIONS } from './packaged-lab.ts';

describe('a build', () => {
  after(removeTemporaryDirectories);

  it('gives the same bytes again: both packages, both formats', async () => {
    const [version] = VERSIONS;
    const digests = async (directory: string, ...options: readonly string[]): Promise<readonly string[]> =>
      (await build(version, directory, ...options)).packages.map(({ file, sha256 }) => `${basename(file)} ${sha256}`);
    const once = await digests(packageDirectory(version));
    assert.equal(once.length, 4);
    assert.deepEqual(await digests(temporaryDirectory(), '--force'), once);
  });
});
