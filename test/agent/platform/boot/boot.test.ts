import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createBoot } from '../../../../agent/platform/boot/boot.ts';
import {
  type VendorProgram,
  vendorProgram,
  wordOfDnf,
  wordOfZypper,
} from '../../../../agent/platform/boot/vendor-word.ts';
import type { CommandResult } from '../../../../agent/platform/run-command.ts';
import { parseUnitFacts, parseUnitNames } from '../../../../agent/platform/units/units.ts';
import { needrestart } from '../packages/recorded.ts';

type Answers = Readonly<Record<string, Partial<CommandResult>>>;

describe('the need for a reboot', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'zdms-boot-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Programs that are not named are not there. */
  function bootThatHears(answers: Answers, program: VendorProgram | null = null): ReturnType<typeof createBoot> {
    const answer = async ([program = '']: readonly string[]): Promise<CommandResult> => {
      const missing = { exitCode: null, stdout: '', stderr: '', timedOut: false };
      return answers[program] === undefined ? missing : { ...missing, exitCode: 0, ...answers[program] };
    };
    const paths = {
      bootId: join(directory, 'id'),
      rebootRequired: join(directory, 'r'),
      rebootRequiredPackages: join(directory, 'p'),
      rebootNeeded: join(directory, 'n'),
      container: join(directory, 'c'),
    };
    return createBoot({ run: answer, runLogged: answer }, paths, program);
  }

  const current = needrestart.replace('KSTA: 3', 'KSTA: 1');

  it('is seen in the kernel', async () => {
    const boot = bootThatHears({ needrestart: { stdout: needrestart } });
    const found = await boot.rebootNeeded();
    assert.equal(found.needed, 'yes');
    assert.deepEqual(found.reasons, ['kernel 6.1.0-40-amd64 runs, 6.1.0-41-amd64 is installed']);
    const { kernel, running, expected } = await boot.kernel();
    assert.deepEqual([kernel, running, expected], ['pending', '6.1.0-40-amd64', '6.1.0-41-amd64']);
  });

  it('is seen in the file that packages leave', async () => {
    await writeFile(join(directory, 'r'), '*** System restart required ***\n');
    await writeFile(join(directory, 'p'), 'libc6\nlibc6\nlinux-image\n');
    const found = await bootThatHears({}).rebootNeeded();
    assert.deepEqual([found.needed, ...found.reasons], ['yes', 'libc6', 'linux-image']);
  });

  it("is seen in SUSE's file", async () => {
    await writeFile(join(directory, 'n'), 'soft-reboot\n');
    const found = await bootThatHears({ needrestart: { stdout: current } }).rebootNeeded();
    assert.deepEqual([found.needed, ...found.reasons], ['yes', '/run/reboot-needed says soft-reboot']);
  });

  it('is none when the kernel is current', async () => {
    const found = await bootThatHears({ needrestart: { stdout: current } }).rebootNeeded();
    assert.deepEqual(found, { needed: 'no', reasons: [] });
  });

  it('is unknown without a word about the kernel, never "no"', async () => {
    for (const stdout of ['', 'NEEDRESTART-VER: 3.6\n', needrestart.replace('KSTA: 3', 'KSTA: 0')])
      assert.equal((await bootThatHears({ needrestart: { stdout } }).rebootNeeded()).needed, 'unknown');
    assert.equal((await bootThatHears({}).rebootNeeded()).needed, 'unknown');
  });

  it('comes from packages where needrestart is missing', async () => {
    const ours = `installed linux-image-${release()} 1.0\n`;
    assert.equal((await bootThatHears({ 'dpkg-query': { stdout: ours } }).rebootNeeded()).needed, 'no');
    const flavour = /-[a-z][a-z0-9-]*$/.exec(release())?.[0] ?? '';
    const newer = `${ours}installed linux-image-999.0.0-1${flavour} 2.0\n`;
    assert.deepEqual(await bootThatHears({ 'dpkg-query': { stdout: newer } }).rebootNeeded(), {
      needed: 'yes',
      reasons: [`kernel ${release()} runs, 999.0.0-1${flavour} is installed`],
    });
  });

  it('of a container is never for a kernel: its own boot brings none', async () => {
    await writeFile(join(directory, 'c'), 'systemd-nspawn\n');
    assert.deepEqual(await bootThatHears({ needrestart: { stdout: needrestart } }).rebootNeeded(), {
      needed: 'no',
      reasons: [],
    });
    await writeFile(join(directory, 'r'), '');
    assert.equal((await bootThatHears({}).rebootNeeded()).needed, 'yes');
  });

  it("is the word of the distribution's own program", async () => {
    const path = join(directory, 'dnf');
    await writeFile(path, '');
    const program = { path, argv: ['dnf', 'needs-restarting', '-r'], word: wordOfDnf };
    const asks = { exitCode: 1, stdout: 'Reboot is required to fully utilize these updates.\n' };
    assert.deepEqual(await bootThatHears({ dnf: asks }, program).rebootNeeded(), {
      needed: 'yes',
      reasons: ['dnf asks for a reboot'],
    });
    const asksNot = {
      stdout: 'No core libraries or services have been updated since boot-up.\nReboot should not be necessary.\n',
    };
    assert.equal((await bootThatHears({ dnf: asksNot }, program).rebootNeeded()).needed, 'no');
  });
});

describe("the distribution's word", () => {
  it('is asked of its own package manager only, whatever else is installed', () => {
    assert.equal(vendorProgram('ID=debian\n'), null);
    assert.equal(vendorProgram('ID=rocky\nID_LIKE="rhel centos fedora"\n')?.path, '/usr/bin/dnf');
    assert.equal(vendorProgram('ID="sles"\nID_LIKE="suse"\n')?.path, '/usr/bin/zypper');
    assert.equal(vendorProgram('ID=constructor\n'), null);
  });

  it('of dnf is in its sentences: it ends with 1 for an error too', () => {
    assert.equal(
      wordOfDnf({ stdout: 'Core libraries or services have been updated:\n  glibc\nReboot is required to ...' }),
      'yes',
    );
    assert.equal(wordOfDnf({ stdout: 'Reboot should not be necessary.' }), 'no');
    assert.equal(wordOfDnf({ stdout: '' }), 'unknown');
  });

  it('of zypper is its exit code', () => {
    assert.deepEqual(
      [102, 0, 1, null].map((exitCode) => wordOfZypper({ exitCode })),
      ['yes', 'no', 'unknown', 'unknown'],
    );
  });
});

describe('failed units', () => {
  it('are the first words of the list, with or without a mark', () => {
    const text = '● a.service loaded failed failed A\nb-c@1.mount loaded failed failed B\n\n';
    assert.deepEqual(parseUnitNames(text), ['a.service', 'b-c@1.mount']);
  });
});

describe('what systemd tells of units', () => {
  it('is a block for each of those that it knows', () => {
    const text = [
      'Id=ssh.service\nLoadState=loaded\nType=notify\nTransient=no\nRefuseManualStart=no\nRefuseManualStop=no\nKillMode=process\nMainPID=812',
      'Id=dbus.service\nLoadState=loaded\nType=notify\nTransient=no\nRefuseManualStart=no\nRefuseManualStop=yes\nKillMode=control-group\nMainPID=400',
      'Id=gone.service\nLoadState=not-found\nMainPID=0',
    ].join('\n\n');
    assert.deepEqual(parseUnitFacts(`${text}\n`), [
      {
        unit: 'ssh.service',
        type: 'notify',
        isTransient: false,
        refusesRestart: false,
        killsOnlyMain: true,
        mainProcess: 812,
      },
      {
        unit: 'dbus.service',
        type: 'notify',
        isTransient: false,
        refusesRestart: true,
        killsOnlyMain: false,
        mainProcess: 400,
      },
    ]);
  });
});
