import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { parseDkmsStatus, proveKernelFiles } from '../../../../agent/platform/boot/kernel-files.ts';
import type { CommandResult } from '../../../../agent/platform/run-command.ts';
import { StepFailure } from '../../../../agent/platform/step-failure.ts';

const old = '6.1.0-40-amd64';
const next = '6.1.0-41-amd64';

describe('the files of a kernel', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'zdms-kernel-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function problem(answers: Readonly<Record<string, Partial<CommandResult>>>): Promise<string> {
    const run = async ([program = '']: readonly string[]): Promise<CommandResult> => {
      const missing = { exitCode: null, stdout: '', stderr: '', timedOut: false };
      return answers[program] === undefined ? missing : { ...missing, exitCode: 0, ...answers[program] };
    };
    try {
      await proveKernelFiles({ run, runLogged: run }, old, next, directory);
      return 'none';
    } catch (error) {
      return error instanceof StepFailure ? error.code : String(error);
    }
  }

  function putInitrd(text: string): void {
    writeFileSync(join(directory, `initrd.img-${next}`), text);
  }

  it('are whole when its initrd can be listed to the end', async () => {
    putInitrd('archive');
    assert.equal(await problem({ lsinitramfs: { stdout: '.\nbin\ninit\nscripts\n' } }), 'none');
    const ofDracut = 'lrwxrwxrwx   1 root     root           23 May  1  2026 init -> usr/lib/systemd/systemd\n';
    assert.equal(await problem({ lsinitrd: { stdout: ofDracut } }), 'none');
  });

  it('are not when it is empty or cut off', async () => {
    putInitrd('');
    assert.equal(await problem({}), 'initrd-incomplete');
    putInitrd('half');
    const cut = { exitCode: 1, stdout: '.\nbin\n', stderr: 'gzip: stdin: unexpected end of file\n' };
    assert.equal(await problem({ lsinitramfs: cut }), 'initrd-incomplete');
    assert.equal(await problem({ lsinitramfs: { ...cut, exitCode: 0 } }), 'initrd-incomplete');
  });

  it('need no initrd where the boot goes without', async () => {
    assert.equal(await problem({}), 'none');
  });

  it('need each module of DKMS that the running one has', async () => {
    const built = `zfs/2.1.11, ${old}, x86_64: installed\n`;
    assert.equal(await problem({ dkms: { stdout: built } }), 'dkms-missing');
    assert.equal(await problem({ dkms: { stdout: `${built}zfs/2.1.12, ${next}, x86_64: built\n` } }), 'dkms-missing');
    assert.equal(await problem({ dkms: { stdout: `${built}zfs/2.1.12, ${next}, x86_64: installed\n` } }), 'none');
  });

  it('are told by DKMS 2 and 3', () => {
    assert.deepEqual(parseDkmsStatus('wl, 6.30, 5.10.0-9-amd64, x86_64: installed\nzfs/2.1.11: added\n'), [
      { module: 'wl', release: '5.10.0-9-amd64', installed: true },
    ]);
  });
});
