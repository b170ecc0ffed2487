import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { skipBecause } from '../../../support/skip-because.ts';
import { removeTemporaryDirectories } from '../../../support/temporary-directory.ts';
import { FilesRig, ordered, PLAN } from './files-rig.ts';

const path = '/etc/ssh/sshd_config.d/a.conf';
const files = [ordered(path, 'Port 2222\n', { kind: 'reload', unit: 'ssh.service' })];

describe('a file that can close the way in', () => {
  let rig: FilesRig;
  before('write as root', function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'giving files to others needs root');
  });
  beforeEach(() => {
    rig = new FilesRig();
    rig.write(path, 'Port 22\n');
  });
  afterEach(() => removeTemporaryDirectories());

  it('comes into force only when a timer is there that puts it back', async () => {
    let atReload: unknown;
    rig.systemd.onAction = () => (atReload = [...rig.systemd.timers.values()]);

    await rig.files.install(PLAN, files, rig.context);

    assert.deepEqual(atReload, [
      [
        ...['systemd-run', '--quiet', '--collect', '--unit=zdms-heal-abababababab-first', '--on-active=60s'],
        ...['--timer-property=AccuracySec=1s', '--property=Type=oneshot', '--'],
        ...['/usr/bin/zdms-agent', 'heal', PLAN],
      ],
    ]);
    // Anew when it is in force: all of the time is for coming in.
    assert.equal(rig.systemd.timersStarted, 2);
    assert.deepEqual([...rig.systemd.timers.keys()], ['zdms-heal-abababababab-second.timer']);
  });

  it('is left as it was where systemd makes no timer', async () => {
    rig.systemd.makesTimers = false;
    await assert.rejects(rig.files.install(PLAN, files, rig.context), {
      code: 'file-action-failed',
      message: /no timer could be started/,
    });
    assert.equal(rig.read(path), 'Port 22\n');
    assert.deepEqual(rig.systemd.actions, []);
  });

  it('is not confirmed by a session that began before it was in force, and the timer runs on', async () => {
    await rig.files.install(PLAN, files, rig.context);
    await assert.rejects(rig.files.confirm(PLAN, rig.now), { code: 'not-a-new-connection', message: /connect anew/ });
    assert.deepEqual([...rig.systemd.timers.keys()], ['zdms-heal-abababababab-second.timer']);
  });

  it('stays when it is confirmed by a later one, again without a change, and is then left alone by a late heal', async () => {
    await rig.files.install(PLAN, files, rig.context);

    await rig.files.confirm(PLAN, rig.now + 1);
    await rig.files.confirm(PLAN, 0);
    await rig.files.heal(PLAN, rig.context);

    assert.equal(rig.systemd.timers.size, 0);
    assert.equal(rig.read(path), 'Port 2222\n');
    await rig.files.prove(PLAN, files);
  });

  it('goes back when nobody confirms it, and is then not proven, with the reason', async () => {
    await rig.files.install(PLAN, files, rig.context);

    await rig.files.heal(PLAN, rig.context);

    assert.equal(rig.read(path), 'Port 22\n');
    assert.deepEqual(rig.systemd.actions, ['reload ssh.service', 'reload ssh.service']);
    await rig.files.confirm(PLAN, rig.now + 1);
    await assert.rejects(rig.files.prove(PLAN, files), {
      code: 'files-differ',
      message: /went back by themselves, because nobody confirmed them over a new connection within 60 s/,
    });
    await rig.files.proveRestored(PLAN);
  });

  it('can be tried anew after it went back', async () => {
    await rig.files.install(PLAN, files, rig.context);
    rig.systemd.timers.clear();
    await rig.files.heal(PLAN, rig.context);

    await rig.files.install(PLAN, files, rig.context);
    await rig.files.confirm(PLAN, rig.now + 1);

    await rig.files.prove(PLAN, files);
  });

  it('is not confirmed while it goes back', async () => {
    await rig.files.install(PLAN, files, rig.context);
    rig.systemd.isHealing = true;
    await assert.rejects(rig.files.confirm(PLAN, rig.now + 1), { code: 'files-differ' });
  });

  it('is all as it was when it took so long to come into force that it went back meanwhile', async () => {
    rig.systemd.onAction = () => (rig.systemd.isHealing = true);
    await assert.rejects(rig.files.install(PLAN, files, rig.context), { message: /longer than 60 s/ });
    assert.equal(rig.read(path), 'Port 22\n');
    assert.equal(rig.systemd.timers.size, 0);
  });

  it('is told to its unit on the way back even where the timer has just put it back', async () => {
    await rig.files.install(PLAN, files, rig.context);
    rig.write(path, 'Port 22\n');

    await rig.files.restore(PLAN, rig.context);

    assert.deepEqual(rig.systemd.actions, ['reload ssh.service', 'reload ssh.service']);
    assert.equal(rig.systemd.timers.size, 0);
  });

  it('goes back on the way back without waiting for the timer', async () => {
    await rig.files.install(PLAN, files, rig.context);
    await rig.files.restore(PLAN, rig.context);
    assert.equal(rig.systemd.timers.size, 0);
    assert.equal(rig.read(path), 'Port 22\n');
  });

  for (const [what, file] of [
    ['is read by none of the programs of the way in', ordered('/etc/shop/a.conf', 'good\n')],
    ['is in force only after a boot', ordered(path, 'Port 2222\n', { kind: 'reboot' })],
    ['is right already', ordered(path, 'Port 22\n')],
  ] as const)
    it(`needs no timer and no confirmation when it ${what}`, async () => {
      await rig.files.install(PLAN, [file], rig.context);
      await rig.files.confirm(PLAN, 0);
      assert.equal(rig.systemd.timersStarted, 0);
    });

  it('is put back by a verb of the agent, which does nothing for a plan that it does not know', () => {
    const main = join(import.meta.dirname, '../../../../agent/main.ts');
    const heal = (plan: string): string =>
      execFileSync(process.execPath, [main, 'heal', plan], { encoding: 'utf8', stdio: 'pipe' });

    assert.equal(heal('0'.repeat(64)), '');
    assert.throws(() => heal('../../etc'), /ZDMS_PLAN_HASH_INVALID/);
  });
});
