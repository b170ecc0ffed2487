import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { readPassword } from '../../../../controller/adapters/bmc/read-password.ts';
import { BmcError } from '../../../../controller/ports/bmc.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';
import { fileWith } from './redfish-access.ts';

const nobody = 65_534;

describe('the password of a management controller', () => {
  afterEach(removeTemporaryDirectories);

  function isRefused(file: string, why: RegExp, ownUser?: number): void {
    assert.throws(
      () => readPassword(file, ownUser ?? process.getuid?.()),
      (error) => error instanceof BmcError && error.kind === 'unreachable' && why.test(error.message),
    );
  }

  it('is the first line of its file', () => {
    assert.equal(readPassword(fileWith('pass word\r\nwritten down on Monday\n')), 'pass word');
  });

  it('may be read by the group of its file, and by nobody else', () => {
    const file = fileWith('secret\n');
    chmodSync(file, 0o640);
    assert.equal(readPassword(file), 'secret');

    chmodSync(file, 0o644);
    isRefused(file, /chmod 640/);
    chmodSync(file, 0o660);
    isRefused(file, /chmod 640/);
  });

  it('is refused from a file of another user', () => {
    const file = fileWith('secret\n');
    const me = process.getuid?.() ?? 0;
    // To root, the others are those to whom it gives a file; to anybody else, that is anybody else.
    if (me === 0) chownSync(file, nobody, nobody);

    isRefused(file, /belongs to user/, me === 0 ? 0 : me + 1);
  });

  it('is refused where there is none', () => {
    isRefused(join(temporaryDirectory(), 'nothing'), /ENOENT/);
    isRefused(fileWith(''), /no password/);
    isRefused(fileWith('\nsecond line\n'), /no password/);
    isRefused(fileWith('x'.repeat(5000)), /longer than 4096 bytes/);
  });

  it('is refused from what is no file, without waiting for it', () => {
    const directory = join(temporaryDirectory(), 'directory');
    mkdirSync(directory, { mode: 0o700 });
    isRefused(directory, /not a file/);

    const pipe = join(temporaryDirectory(), 'pipe');
    execFileSync('mkfifo', ['--mode=600', pipe]);
    isRefused(pipe, /not a file/);
  });
});
