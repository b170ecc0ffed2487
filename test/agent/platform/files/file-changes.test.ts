import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { skipBecause } from '../../../support/skip-because.ts';
import { removeTemporaryDirectories } from '../../../support/temporary-directory.ts';
import { FilesRig, ordered, PLAN, textOf } from './files-rig.ts';

const reload = { kind: 'reload', unit: 'shop.service' } as const;

const OTHER_PLAN = 'cd'.repeat(32);

describe('files of a change', () => {
  let rig: FilesRig;
  before('write files of other owners', function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'giving files to others needs root');
  });
  beforeEach(() => {
    rig = new FilesRig();
    rig.write('/etc/shop/a.conf', 'a as it was\n');
  });
  afterEach(() => removeTemporaryDirectories());

  const both = [
    ordered('/etc/shop/a.conf', 'a good\n', reload),
    { ...ordered('/etc/shop/b.conf', 'b good\n', reload), mode: 0o640, owner: 'daemon', group: 'daemon' },
  ];

  it('are put in place with content, mode, owner and group, and one reload for all', async () => {
    const { changed, rebootNeeded } = await rig.files.install(PLAN, both, rig.context);

    assert.deepEqual(changed, ['/etc/shop/a.conf', '/etc/shop/b.conf']);
    assert.equal(rebootNeeded, false);
    assert.equal(rig.read('/etc/shop/a.conf'), 'a good\n');
    const { mode, uid, gid } = statSync(rig.at('/etc/shop/b.conf'));
    assert.deepEqual([mode & 0o7777, uid, gid], [0o640, 1, 1]);
    assert.deepEqual(rig.systemd.actions, ['reload shop.service']);
    assert.deepEqual(rig.remarks, [
      '/etc/shop/a.conf: changed, shop.service reloaded',
      '/etc/shop/b.conf: changed, shop.service reloaded',
    ]);
    await rig.files.prove(PLAN, both);
  });

  it('leave nothing beside them', async () => {
    writeFileSync(rig.at('/etc/shop/.zdms-0123456789ab'), 'cut off');
    await rig.files.install(PLAN, both, rig.context);

    assert.deepEqual(readdirSync(rig.at('/etc/shop')).sort(), ['a.conf', 'b.conf']);
  });

  it('go back to what was there, and what was not there is gone', async () => {
    await chmod(rig.at('/etc/shop/a.conf'), 0o604);
    await chown(rig.at('/etc/shop/a.conf'), 1, 2);
    await rig.files.install(PLAN, both, rig.context);

    const { changed } = await rig.files.restore(PLAN, rig.context);

    assert.deepEqual(changed, ['/etc/shop/a.conf', '/etc/shop/b.conf']);
    assert.equal(rig.read('/etc/shop/a.conf'), 'a as it was\n');
    const { mode, uid, gid } = statSync(rig.at('/etc/shop/a.conf'));
    assert.deepEqual([mode & 0o7777, uid, gid], [0o604, 1, 2]);
    assert.equal(rig.read('/etc/shop/b.conf'), null);
    assert.deepEqual(rig.systemd.actions, ['reload shop.service', 'reload shop.service']);
    await rig.files.proveRestored(PLAN);
  });

  it('go back a second time without a change', async () => {
    await rig.files.install(PLAN, both, rig.context);
    await rig.files.restore(PLAN, rig.context);

    assert.deepEqual(await rig.files.restore(PLAN, rig.context), { changed: [], rebootNeeded: false });
    assert.equal(rig.systemd.actions.length, 2);
  });

  it('go back long after, unless somebody has changed one since', async () => {
    await rig.files.install(PLAN, both, rig.context);
    await rig.files.checkBack(PLAN);

    rig.write('/etc/shop/a.conf', 'of a person');

    await assert.rejects(rig.files.checkBack(PLAN), { code: 'file-refused', message: /a\.conf/ });
    assert.equal(rig.read('/etc/shop/a.conf'), 'of a person');
  });

  it('are known to have replaced nothing, which is another thing than nothing known', async () => {
    await rig.files.install(PLAN, both, rig.context);
    await rig.files.install(OTHER_PLAN, both, rig.context);

    await rig.files.prove(OTHER_PLAN, both);
    await rig.files.checkBack(OTHER_PLAN);
    assert.deepEqual(await rig.files.restore(OTHER_PLAN, rig.context), { changed: [], rebootNeeded: false });
    await assert.rejects(rig.files.checkBack('ef'.repeat(32)), { code: 'file-refused', message: /not kept/ });
  });

  it('that no plan has brought go back without a change', async () => {
    assert.deepEqual(await rig.files.restore(PLAN, rig.context), { changed: [], rebootNeeded: false });
    await rig.files.proveRestored(PLAN);
    await rig.files.confirm(PLAN, 0);
  });

  it('that are right already are left alone, and nothing is done for them', async () => {
    await rig.files.install(PLAN, both, rig.context);
    rig.remarks.length = 0;

    assert.deepEqual((await rig.files.install(PLAN, both, rig.context)).changed, []);
    assert.deepEqual(rig.systemd.actions, ['reload shop.service']);
    assert.deepEqual(rig.remarks, ['unchanged: /etc/shop/a.conf and /etc/shop/b.conf']);
  });

  it('are all as they were when a unit does not take one, and units are told so again', async () => {
    rig.systemd.failures.set('restart other.service', 1);
    const files = [...both, ordered('/etc/shop/c.conf', 'c good\n', { kind: 'restart', unit: 'other.service' })];

    await assert.rejects(rig.files.install(PLAN, files, rig.context), {
      code: 'file-action-failed',
      message: /restart -- other\.service: .*as they were before/s,
    });

    assert.equal(rig.read('/etc/shop/a.conf'), 'a as it was\n');
    assert.deepEqual(readdirSync(rig.at('/etc/shop')), ['a.conf']);
    const once = ['reload shop.service', 'restart other.service'];
    assert.deepEqual(rig.systemd.actions, [...once, ...once]);
    await rig.files.proveRestored(PLAN);
  });

  it('are put in place anew after they went back', async () => {
    rig.systemd.failures.set('reload shop.service', 1);
    await assert.rejects(rig.files.install(PLAN, both, rig.context));
    rig.write('/etc/shop/a.conf', 'a as a person has mended it\n');

    await rig.files.install(PLAN, both, rig.context);
    await rig.files.restore(PLAN, rig.context);

    assert.equal(rig.read('/etc/shop/a.conf'), 'a as a person has mended it\n');
  });

  it('are brought into force by a retry when the first attempt was cut off, and go back to what was there before that', async () => {
    await rig.files.install(PLAN, both, rig.context);
    rig.changeManifest(PLAN, { phase: 'putting', activatedAt: null });
    await assert.rejects(rig.files.prove(PLAN, both), { code: 'files-differ', message: /cut off/ });

    assert.equal((await rig.files.install(PLAN, both, rig.context)).changed.length, 2);
    assert.deepEqual(rig.systemd.actions, ['reload shop.service', 'reload shop.service']);
    await rig.files.restore(PLAN, rig.context);
    assert.equal(rig.read('/etc/shop/a.conf'), 'a as it was\n');
  });

  it('have their actions done once more after a way back that was cut off', async () => {
    await rig.files.install(PLAN, both, rig.context);
    await rig.files.restore(PLAN, rig.context);
    rig.changeManifest(PLAN, { phase: 'restoring' });

    await rig.files.restore(PLAN, rig.context);

    assert.equal(rig.systemd.actions.length, 3);
  });

  it('do not start a unit that is not active', async () => {
    rig.systemd.inactive.add('shop.service');
    await rig.files.install(PLAN, both, rig.context);

    assert.deepEqual(rig.systemd.actions, []);
    assert.match(rig.remarks.join('\n'), /shop\.service is not active, so it was left as it is/);
  });

  it('restart a unit once, without a reload before, and have systemd read unit files first', async () => {
    mkdirSync(rig.at('/etc/systemd/system'), { recursive: true });
    const unit = ordered('/etc/systemd/system/shop.service', '[Service]\n', { kind: 'restart', unit: 'shop.service' });
    await rig.files.install(PLAN, [...both, unit], rig.context);

    assert.deepEqual(rig.systemd.actions, ['daemon-reload', 'restart shop.service']);
  });

  it('say that they want a boot, also to a retry on the same boot, and want none when they go back before it', async () => {
    const file = ordered('/etc/shop/a.conf', 'good for the next boot\n', { kind: 'reboot' });

    assert.equal((await rig.files.install(PLAN, [file], rig.context)).rebootNeeded, true);
    assert.deepEqual(await rig.files.install(PLAN, [file], rig.context), { changed: [], rebootNeeded: true });
    assert.equal((await rig.files.restore(PLAN, rig.context)).rebootNeeded, false);
  });

  it('want a boot again when they go back after it', async () => {
    const file = ordered('/etc/shop/a.conf', 'good\n', { kind: 'reboot' });
    await rig.files.install(PLAN, [file], rig.context);
    rig.changeManifest(PLAN, { rebootOwedOn: 'another boot' });

    assert.equal((await rig.files.restore(PLAN, rig.context)).rebootNeeded, true);
  });

  for (const [what, change] of [
    ['content', () => rig.write('/etc/shop/a.conf', 'by somebody else')],
    ['mode', () => chmod(rig.at('/etc/shop/a.conf'), 0o600)],
    ['owner', () => chown(rig.at('/etc/shop/a.conf'), 1, 0)],
    ['group', () => chown(rig.at('/etc/shop/a.conf'), 0, 1)],
    ['existence', () => rmSync(rig.at('/etc/shop/a.conf'))],
  ] as const)
    it(`are not proven when somebody has changed the ${what} of one`, async () => {
      await rig.files.install(PLAN, both, rig.context);
      await change();
      await assert.rejects(rig.files.prove(PLAN, both), { code: 'files-differ', message: /^\/etc\/shop\/a\.conf: / });
    });

  const refused: readonly (readonly [string, () => void, string, RegExp])[] = [
    ['a link', () => symlinkSync('a.conf', rig.at('/etc/shop/link')), '/etc/shop/link', /only regular files/],
    ['a directory', () => mkdirSync(rig.at('/etc/shop/directory')), '/etc/shop/directory', /only regular files/],
    ['no directory for it', () => undefined, '/etc/none/a.conf', /its directory \/etc\/none is not there/],
    ['a link on the way', () => symlinkSync('shop', rig.at('/etc/way')), '/etc/way/a.conf', /is a link to .*real path/],
    [
      'what zdms itself believes',
      () => rig.write('/etc/zdms/order.pub', 'key'),
      '/etc/zdms/order.pub',
      /no change may/,
    ],
    ['what sudo allows zdms', () => undefined, '/etc/sudoers.d/zdms', /no change may/],
    ['what packages own', () => rig.write('/usr/bin/shop', ''), '/usr/bin/shop', /no change may/],
    ['only the root above it', () => undefined, '/a.conf', /nothing is put into \//],
  ];
  for (const [what, make, path, message] of refused)
    it(`are all refused where there is ${what} in one's place, with what to do`, async () => {
      make();
      const files = [...both, ordered(path, 'good\n')];
      await assert.rejects(rig.files.check(files, rig.context), { code: 'file-refused', message });
      await assert.rejects(rig.files.install(PLAN, files, rig.context), { code: 'file-refused', message: /Next: / });
      assert.equal(rig.read('/etc/shop/a.conf'), 'a as it was\n');
    });

  it('are refused for an owner or a group that the host does not know', async () => {
    for (const wrong of [{ owner: 'nobody-knows' }, { group: 'nobody-knows' }])
      await assert.rejects(rig.files.check([{ ...ordered('/etc/shop/a.conf', 'good\n'), ...wrong }], rig.context), {
        code: 'file-refused',
        message: /knows no (user|group) nobody-knows/,
      });
  });

  it('are kept for ten plans, where only root can read them', async () => {
    for (let number = 0; number < 12; number += 1) {
      rig.now += 1000;
      await rig.files.install(planOf(number), [ordered('/etc/shop/a.conf', `good ${number}\n`)], rig.context);
    }

    const kept = rig.at('/var/lib/zdms/files');
    assert.deepEqual(readdirSync(kept).sort(), Array.from({ length: 10 }, (_, index) => planOf(index + 2)).sort());
    const copy = join(kept, planOf(2), '0-a.conf');
    assert.equal(readFileSync(copy, 'utf8'), 'good 1\n');
    assert.equal(statSync(join(kept, planOf(2))).mode & 0o777, 0o700);
    assert.equal(statSync(copy).mode & 0o777, 0o600);
  });

  it('are not put back by guesses where what was kept is damaged', async () => {
    await rig.files.install(PLAN, both, rig.context);
    writeFileSync(rig.manifestPath(PLAN), '{"v":1');
    await assert.rejects(rig.files.restore(PLAN, rig.context), { code: 'internal-error' });
    assert.equal(textOf(rig.at('/etc/shop/a.conf')), 'a good\n');
  });

  it('are all as they were when the disk is full in the middle, and no unit is told of it', async () => {
    const small = rig.mountSmall('/etc/small');
    try {
      const files = [...both, ordered('/etc/small/big.conf', 'good\n'.repeat(40_000))];
      await assert.rejects(rig.files.install(PLAN, files, rig.context), { code: 'disk-full' });
      assert.deepEqual(readdirSync(rig.at('/etc/small')), []);
    } finally {
      small.unmount();
    }
    assert.equal(rig.read('/etc/shop/a.conf'), 'a as it was\n');
    assert.deepEqual(rig.systemd.actions, []);
  });
});

function planOf(number: number): string {
  return number.toString(16).repeat(64).slice(0, 64);
}
