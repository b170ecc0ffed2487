import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { runProgram } from '../../../../controller/adapters/bmc/run-program.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';

describe('a program that speaks to management controllers', () => {
  const path = process.env['PATH'];
  let directory: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    process.env['PATH'] = `${directory}:/usr/bin:/bin`;
  });
  afterEach(() => {
    process.env['PATH'] = path;
    removeTemporaryDirectories();
  });

  function isThere(script: string): void {
    writeFileSync(join(directory, 'ipmitool'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  it('tells how it ended, and what it said', async () => {
    isThere('echo "is $2"; echo "no" >&2; exit 3');

    assert.deepEqual(await runProgram('ipmitool', ['power', 'on'], 20_000), {
      kind: 'ended',
      exitCode: 3,
      stdout: 'is on\n',
      stderr: 'no\n',
    });
  });

  it('gets nothing of our environment, and speaks English', async () => {
    process.env['IPMI_PASSWORD'] = 'secret';
    isThere('echo "$LC_ALL $IPMI_PASSWORD"');

    const result = await runProgram('ipmitool', [], 20_000);
    delete process.env['IPMI_PASSWORD'];

    assert.equal(result.kind === 'ended' && result.stdout, 'C \n');
  });

  it('is not listened to for ever', async () => {
    isThere('head --bytes=200000 /dev/zero');

    const result = await runProgram('ipmitool', [], 20_000);

    assert.equal(result.kind === 'ended' && result.stdout.length, 65_536);
  });

  it('is killed at the deadline', async () => {
    isThere('exec sleep 60');

    assert.deepEqual(await runProgram('ipmitool', [], 200), { kind: 'too-slow' });
  });

  it('may not be installed', async () => {
    process.env['PATH'] = directory;

    assert.deepEqual(await runProgram('ipmitool', [], 20_000), {
      kind: 'not-started',
      detail: 'ipmitool is not installed here',
    });
  });
});
