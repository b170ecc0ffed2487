import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { remoteCommand } from '../../../vagrant/nspawn/lab-host.ts';

describe('a command for a host', () => {
  it('reaches the other side word by word, whatever the words hold', () => {
    const words = ['a b', "it's", '$HOME', '`id`', '"x"', '*', ''];

    const { stdout } = spawnSync('sh', ['-c', remoteCommand(['printf', '%s\\n', ...words])], { encoding: 'utf8' });

    assert.deepEqual(stdout.split('\n').slice(0, -1), words);
  });
});
