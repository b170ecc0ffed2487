import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories } from '../../support/temporary-directory.ts';

describe('zdms quarantine', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
  });

  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  it('adds versions, lists them with since when, by whom and why, and lifts them', async () => {
    assert.equal(await served.zdms('quarantine', 'add', 'zdemo=1:1.2.0-3', '--reason', 'leaks'), 0);
    served.operations.now += 5_000;
    assert.equal(await served.zdms('quarantine', 'ls'), 0);
    assert.equal(await served.zdms('quarantine', 'lift', 'zdemo=1:1.2.0-3'), 0);

    assert.deepEqual(
      served.terminal.written.split('\n').map((line) => line.split(/ {2,}/)),
      [
        ['version', 'for', 'by', 'why'],
        ['zdemo=1:1.2.0-3', '0s', 'ada', 'leaks'],
        ['version', 'for', 'by', 'why'],
        ['zdemo=1:1.2.0-3', '5s', 'ada', 'leaks'],
        ['Nothing is quarantined.'],
        [''],
      ],
    );
  });

  it('refuses what names no version', async () => {
    assert.equal(await served.zdms('quarantine', 'add', 'zdemo', '--reason', 'leaks'), 2);
    assert.match(served.terminal.errors, /ZDMS_VERSION_NAME_INVALID/);
  });
});
