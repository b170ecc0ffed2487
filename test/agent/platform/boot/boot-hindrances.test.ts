import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import {
  attendedVolumes,
  degradedArrays,
  findHindrances,
  parseInhibitors,
} from '../../../../agent/platform/boot/boot-hindrances.ts';
import type { CommandResult } from '../../../../agent/platform/run-command.ts';

const whole = `Personalities : [raid1]
md0 : active raid1 sdb1[1] sda1[0]
      1046528 blocks super 1.2 [2/2] [UU]

unused devices: <none>
`;
const halved = whole.replace('[2/2] [UU]', '[2/1] [U_]');
const rebuilding = `${whole}md1 : active raid5 sdd1[3] sdc1[1]
      2093056 blocks level 5 [3/3] [UUU]
      [==>..]  recovery = 12.6% (37043392/292945152) finish=127.5min
`;
/** As busctl of systemd 252 prints it. */
const inhibitors = JSON.stringify({
  type: 'a(ssssuu)',
  data: [
    [
      ['shutdown', 'Unattended Upgrades Shutdown', 'Stop ongoing upgrades', 'delay', 0, 400],
      ['sleep:shutdown', 'backup', 'the nightly backup runs', 'block', 0, 812],
      ['handle-power-key', 'desktop', 'it asks', 'block', 1000, 900],
    ],
  ],
});

describe('what speaks against a reboot', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'zdms-hindrances-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  function find(files: { mdstat?: string; crypttab?: string }, answers: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const run = async ([program = '']: readonly string[]): Promise<CommandResult> => {
      const stdout = answers[program];
      return { exitCode: stdout === undefined ? null : 0, stdout: stdout ?? '', stderr: '', timedOut: false };
    };
    const paths = { mdstat: join(directory, 'mdstat'), crypttab: join(directory, 'crypttab') };
    return findHindrances({ run, runLogged: run }, false, paths);
  }

  it('is nothing on a host that has none of it', async () => {
    assert.deepEqual(await find({}), []);
    assert.deepEqual(await find({ mdstat: whole }, { busctl: '{"type":"a(ssssuu)","data":[[]]}' }), []);
  });

  it('is an array that lacks a member or is being rebuilt', async () => {
    assert.deepEqual(degradedArrays(whole), []);
    assert.deepEqual(degradedArrays(halved), ['md0']);
    assert.deepEqual(degradedArrays(rebuilding), ['md1']);
    assert.deepEqual(
      (await find({ mdstat: halved })).map(({ code }) => code),
      ['raid-degraded'],
    );
  });

  it('is a disk that only a person can unlock', async () => {
    const crypttab = [
      '# name device key options',
      'root UUID=1 none luks,discard',
      'swap /dev/sda2 /dev/urandom swap',
      'data UUID=2 none luks,tpm2-device=auto',
      'spare UUID=3 - noauto',
    ].join('\n');
    assert.deepEqual(attendedVolumes(crypttab), [{ name: 'root', device: 'UUID=1' }]);
    assert.deepEqual(
      (await find({ crypttab })).map(({ code }) => code),
      ['unlock-attended'],
    );
    assert.deepEqual(await find({ crypttab }, { clevis: '1: tpm2 {}\n' }), []);
  });

  it('is a program that forbids it, not one that only asks for time', async () => {
    assert.deepEqual(parseInhibitors(inhibitors), ['backup (the nightly backup runs)']);
    assert.deepEqual(
      (await find({}, { busctl: inhibitors })).map(({ code }) => code),
      ['reboot-inhibited'],
    );
  });
});
