import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { systemCommands } from '../../../agent/platform/run-command.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

describe('a command', () => {
  afterEach(removeTemporaryDirectories);

  it('ends at its deadline though something that it started holds its output open', async () => {
    const pidFile = join(temporaryDirectory(), 'pid');
    const script = 'sleep 60 & echo $! > "$1"; exec sleep 60';

    const result = await systemCommands.run(['sh', '-c', script, 'sh', pidFile], { timeoutMs: 300 });
    process.kill(Number(readFileSync(pidFile, 'utf8')));

    assert.equal(result.timedOut, true);
    assert.equal(result.exitCode, null);
  });
});
