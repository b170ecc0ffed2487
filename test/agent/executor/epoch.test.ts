import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { Epoch } from '../../../agent/executor/epoch.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

describe('the highest epoch seen', () => {
  afterEach(removeTemporaryDirectories);

  it('is none before the first request', async () => {
    assert.equal(await new Epoch(join(temporaryDirectory(), 'epoch')).seen(), 0);
  });

  it('lets nobody act when it cannot be read', async () => {
    const directory = join(temporaryDirectory(), 'epoch');
    assert.equal(await new Epoch(directory).admit(9), null);
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'no directory');

    await assert.rejects(new Epoch(directory).admit(1), { code: 'ENOTDIR' });
    await assert.rejects(new Epoch(directory).seen(), { code: 'ENOTDIR' });
  });
});
