import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createSshd } from '../../../../agent/platform/login/sshd.ts';
import type { CommandResult } from '../../../../agent/platform/run-command.ts';

describe('the way in', () => {
  async function problem(answer: Partial<CommandResult>): Promise<string | null> {
    const run = async (argv: readonly string[]): Promise<CommandResult> => {
      assert.deepEqual(argv, ['/usr/sbin/sshd', '-t']);
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer };
    };
    return createSshd({ run, runLogged: run }).problem();
  }

  it('is sound when sshd says nothing', async () => assert.equal(await problem({}), null));

  it('is what sshd says otherwise', async () => {
    const stderr = '/etc/ssh/sshd_config.d/x.conf: line 1: Bad configuration option: Nonsense\n';
    assert.match((await problem({ exitCode: 255, stderr })) ?? '', /line 1: Bad configuration option: Nonsense$/);
    assert.equal(await problem({ exitCode: 1 }), 'sshd -t ended with 1');
    assert.equal(await problem({ exitCode: null, timedOut: true }), 'sshd -t ended with no answer in time');
  });

  it('is none of ours where there is no sshd', async () => {
    assert.equal(await problem({ exitCode: null, stderr: 'spawn /usr/sbin/sshd ENOENT' }), null);
  });
});
