import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { findOldFiles } from '../../../../agent/platform/leftovers/find-old-files.ts';
import { packageUse } from '../../../../agent/platform/leftovers/package-use.ts';
import { runFiles } from '../../../../agent/platform/leftovers/run-files.ts';
import type { CommandResult, Commands } from '../../../../agent/platform/run-command.ts';
import type { UnitFacts, Units } from '../../../../agent/platform/units/units.ts';

const HOST = 'pid:[4026531836]';
const CONTAINER = 'pid:[4026532999]';
const answer = async (): Promise<CommandResult> => ({ exitCode: null, stdout: '', stderr: '', timedOut: false });
const noCommands: Commands = { run: answer, runLogged: answer };

/** A systemd that knows every unit, with those of them by name that are special. */
function systemd(special: Readonly<Record<string, Partial<UnitFacts>>> = {}): Pick<Units, 'describe'> {
  const plain = { type: 'simple', isTransient: false, refusesRestart: false, killsOnlyMain: false, mainProcess: 0 };
  return { describe: async (names) => names.map((unit) => ({ unit, ...plain, ...special[unit] })) };
}

describe('what still runs old files', () => {
  let directory: string;
  let proc: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'zdms-proc-'));
    proc = join(directory, 'proc');
    mkdirSync(join(proc, 'self/ns'), { recursive: true });
    symlinkSync(HOST, join(proc, 'self/ns/pid'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function runs(pid: number, cgroup: string, files: readonly string[], namespace = HOST): void {
    mkdirSync(join(proc, `${pid}/ns`), { recursive: true });
    symlinkSync(namespace, join(proc, `${pid}/ns/pid`));
    const lines = files.map((file, at) => `${at}000-${at}fff r-xp 00000000 08:01 ${at + 1}   ${file}\n`);
    writeFileSync(join(proc, `${pid}/maps`), lines.join(''));
    writeFileSync(join(proc, `${pid}/cgroup`), `0::${cgroup}\n`);
    writeFileSync(join(proc, `${pid}/comm`), `process-${pid}\n`);
  }

  const newLibrary = '/usr/lib/libssl.so.3';
  const oldLibrary = `${newLibrary} (deleted)`;

  it('is told by service, by login, and for systemd itself', async () => {
    runs(1, '/init.scope', ['/usr/lib/libc.so.6 (deleted)']);
    runs(20, '/system.slice/nginx.service', [oldLibrary]);
    runs(21, '/system.slice/nginx.service', [oldLibrary, '/usr/sbin/nginx (deleted)']);
    runs(30, '/system.slice/cron.service', [newLibrary]);
    runs(40, '/system.slice/dbus.service', [oldLibrary]);
    runs(50, '/user.slice/user-0.slice/session-1.scope', [oldLibrary]);
    runs(60, '/machine.slice/vm.scope', [oldLibrary]);

    assert.deepEqual(await findOldFiles(systemd(), proc), {
      units: [
        { unit: 'dbus.service', handling: 'reboot', files: [newLibrary] },
        { unit: 'nginx.service', handling: 'restart', files: [newLibrary, '/usr/sbin/nginx'] },
      ],
      manager: ['/usr/lib/libc.so.6'],
      sessionProcesses: 1,
      strays: ['process-60'],
    });
  });

  it('is not the business of a container, nor of a process that has ended meanwhile', async () => {
    runs(20, '/system.slice/containerd.service', [oldLibrary], CONTAINER);
    mkdirSync(join(proc, '21'));

    assert.deepEqual((await findOldFiles(systemd(), proc)).units, []);
  });

  it('is said of a package before its update, too: who runs its files, and whether their restarts will do', async () => {
    runs(20, '/system.slice/nginx.service', ['/usr/lib/libssl.so.3', '/usr/sbin/nginx']);
    runs(30, '/system.slice/dbus.service', ['/usr/lib/libdbus-1.so.3']);
    runs(40, '/system.slice/backup.service', [newLibrary]);
    const info = join(directory, 'info');
    mkdirSync(info);
    // As dpkg has it on a host whose /lib has become a link into /usr.
    writeFileSync(join(info, 'libssl3:amd64.list'), '/.\n/lib\n/lib/libssl.so.3\n');
    writeFileSync(join(info, 'libdbus-1-3:amd64.list'), '/usr/lib/libdbus-1.so.3\n');
    writeFileSync(join(info, 'manuals.list'), '/usr/share/man\n');
    writeFileSync(join(info, 'asks.list'), '/usr/share/asks\n');
    writeFileSync(join(info, 'asks.postinst'), '#!/bin/sh\ntouch /run/reboot-required\n');
    const units = systemd({ 'backup.service': { type: 'oneshot' } });
    const names = ['libssl3', 'libdbus-1-3', 'manuals', 'asks', 'linux-image-6.1.0-41-amd64', 'unheard-of'];

    const found = await packageUse(noCommands, units, names, { proc, dpkgInfo: info });

    assert.deepEqual(Object.fromEntries(found), {
      libssl3: { usedBy: ['nginx.service'], rebootBecause: null },
      'libdbus-1-3': { usedBy: ['dbus.service'], rebootBecause: 'libdbus-1-3 is used by dbus.service' },
      manuals: { usedBy: [], rebootBecause: null },
      asks: { usedBy: [], rebootBecause: 'asks asks for it' },
      'linux-image-6.1.0-41-amd64': { usedBy: [], rebootBecause: 'kernel linux-image-6.1.0-41-amd64' },
      'unheard-of': { usedBy: [], rebootBecause: null },
    });
  });

  it('is what this very kernel says of a program that was replaced while it runs', async function () {
    // Only below these places a file counts as a program; nothing else of the machine is touched.
    const program = `/opt/zdms-test-${process.pid}/sleeper`;
    try {
      mkdirSync(join(program, '..'), { recursive: true });
    } catch {
      this.skip();
    }
    try {
      copyFileSync('/bin/sleep', program);
      chmodSync(program, 0o755);
      const child = spawn(program, ['60'], { stdio: 'ignore' });
      await once(child, 'spawn');
      const { readFileSync } = await import('node:fs');
      const seen = () =>
        runFiles(readFileSync(`/proc/${child.pid ?? 0}/maps`, 'utf8')).find(({ path }) => path === program);
      assert.equal(seen()?.isGone, false);
      rmSync(program);
      copyFileSync('/bin/sleep', program);
      assert.equal(seen()?.isGone, true);
      child.kill();
      await once(child, 'exit');
    } finally {
      rmSync(join(program, '..'), { recursive: true, force: true });
    }
  });
});
