import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createBoot } from '../../../../agent/platform/boot/boot.ts';
import { parseUnitNames } from '../../../../agent/platform/units/units.ts';
import { needrestart } from '../packages/recorded.ts';

describe('the need for a reboot', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'zdms-boot-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  function bootThatHears(stdout: string | null): ReturnType<typeof createBoot> {
    const answer = async () => ({
      exitCode: stdout === null ? null : 0,
      stdout: stdout ?? '',
      stderr: '',
      timedOut: false,
    });
    const paths = {
      bootId: join(directory, 'id'),
      rebootRequired: join(directory, 'r'),
      rebootRequiredPackages: join(directory, 'p'),
    };
    return createBoot({ run: answer, runLogged: answer }, paths);
  }

  it('is seen in the kernel', async () => {
    const found = await bootThatHears(needrestart).rebootNeeded();
    assert.equal(found.needed, 'yes');
    assert.deepEqual(found.reasons, ['kernel 6.1.0-40-amd64 runs, 6.1.0-41-amd64 is installed']);
    assert.deepEqual(found.staleServices, ['nginx.service', 'ssh.service']);
    assert.equal(await bootThatHears(needrestart).rebootWanted(), 'yes');
    const { kernel, running, expected } = await bootThatHears(needrestart).kernel();
    assert.deepEqual([kernel, running, expected], ['pending', '6.1.0-40-amd64', '6.1.0-41-amd64']);
  });

  it('is seen in the file that packages leave', async () => {
    await writeFile(join(directory, 'r'), '*** System restart required ***\n');
    await writeFile(join(directory, 'p'), 'libc6\nlibc6\nlinux-image\n');
    const found = await bootThatHears(null).rebootNeeded();
    assert.deepEqual([found.needed, ...found.reasons], ['yes', 'libc6', 'linux-image']);
    assert.equal(await bootThatHears(null).rebootWanted(), 'yes');
  });

  it('is none when the kernel is current', async () => {
    const current = needrestart.replace('KSTA: 3', 'KSTA: 1');
    assert.equal((await bootThatHears(current).rebootNeeded()).needed, 'no');
  });

  it('is unknown without a word about the kernel, never "no"', async () => {
    for (const text of [null, 'NEEDRESTART-VER: 3.6\n', needrestart.replace('KSTA: 3', 'KSTA: 0')]) {
      assert.equal((await bootThatHears(text).rebootNeeded()).needed, 'unknown');
      assert.equal(await bootThatHears(text).rebootWanted(), 'unknown');
    }
  });
});

describe('failed units', () => {
  it('are the first words of the list, with or without a mark', () => {
    const text = '● a.service loaded failed failed A\nb-c@1.mount loaded failed failed B\n\n';
    assert.deepEqual(parseUnitNames(text), ['a.service', 'b-c@1.mount']);
  });
});
