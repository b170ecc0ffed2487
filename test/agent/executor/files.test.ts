import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { stepsDirectory } from '../../../agent/executor/executor-paths.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';
import type { Evidence, OrderedFile } from '../../../proto/zdms/v1/executor.ts';
import { ExecutorRig, outcomeOf } from './executor-rig.ts';

const file: OrderedFile = {
  path: '/etc/nginx/conf.d/shop.conf',
  content: 'server {}\n',
  mode: 0o644,
  owner: 'root',
  group: 'root',
  then: { kind: 'reload', unit: 'nginx.service' },
};
const noPackageWork = { packagePreflights: 0, fetches: 0, installs: 0 };

function verify(expect: 'packages' | 'wayBack') {
  const row = { checks: [], times: 1, intervalMs: 50, withinMs: 1000 };
  return { verb: 'verify' as const, expect, afterReboot: false, ...row };
}

describe('an order that brings files', () => {
  let rig: ExecutorRig;
  beforeEach(() => {
    rig = new ExecutorRig();
    rig.order = { ...rig.order, files: [file] };
    rig.host.reboot = { needed: 'no', reasons: [] };
  });
  afterEach(() => rig.remove());

  function withoutPackages(): void {
    rig.order = { ...rig.order, packages: [], wayBack: [] };
  }

  async function evidenceOf(verb: 'apply' | 'rollback'): Promise<Evidence> {
    const reply = await rig.carriedOut(verb);
    assert.equal(outcomeOf(reply), 'succeeded');
    assert.ok(reply.kind === 'finished');
    return reply.outcome.evidence;
  }

  async function verified(expect: 'packages' | 'wayBack'): Promise<string> {
    return outcomeOf(await rig.send(verify(expect), { token: rig.newToken() }));
  }

  it('has them judged before the host costs anything', async () => {
    withoutPackages();
    rig.host.files.failures.set('check', new StepFailure('file-invalid', 'nginx -t says no'));

    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { token: rig.newToken() })), 'file-invalid');
  });

  it('is not refused for files that only its packages can judge: a person is told', async () => {
    rig.host.files.failures.set('check', new StepFailure('file-invalid', 'unknown directive'));

    const reply = await rig.send({ verb: 'preflight' }, { token: rig.newToken() });

    assert.equal(outcomeOf(reply), 'succeeded');
    const { remarks } = reply.kind === 'finished' ? reply.outcome.evidence : { remarks: [] };
    assert.match(remarks.join(), /before its packages were there: unknown directive/);
  });

  it('is refused where a boot would drop the timer that opens the way in again', async () => {
    rig.order = { ...rig.order, files: [{ ...file, path: '/etc/ssh/sshd_config' }] };

    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { token: rig.newToken() })), 'file-refused');
    rig.order = { ...rig.order, verbs: rig.order.verbs.filter((verb) => verb !== 'reboot') };
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { token: rig.newToken() })), 'succeeded');
  });

  it('puts files back once more where the old ones are none for the new packages', async () => {
    rig.host.installed = '1.1.0';
    rig.host.files.failures.set('restore', new StepFailure('file-action-failed', 'the new one knows it not'));

    assert.equal(outcomeOf(await rig.carriedOut('rollback')), 'file-action-failed');

    assert.equal(rig.host.installed, '1.0.0');
    assert.deepEqual(rig.host.files.work, ['restore with zdemo 1.1.0', 'restore with zdemo 1.0.0']);
  });

  it('puts them in place after the packages that read them', async () => {
    await evidenceOf('apply');

    assert.deepEqual(rig.host.files.work, ['install with zdemo 1.1.0']);
  });

  it('puts them back before the packages on the way back', async () => {
    await evidenceOf('apply');
    await evidenceOf('rollback');

    assert.deepEqual(rig.host.files.work.slice(1), ['restore with zdemo 1.1.0']);
    assert.equal(rig.host.installed, '1.0.0');
  });

  it('keeps the root before them where it can be kept, also without packages', async () => {
    withoutPackages();
    await evidenceOf('apply');

    assert.equal(rig.host.kept.length, 1);
  });

  it('fails with their code, and restarts nothing, when they cannot be put in force', async () => {
    rig.host.files.failures.set('install', new StepFailure('file-action-failed', 'nginx.service did not reload'));
    rig.host.old = {
      ...{ manager: [], sessionProcesses: 0, strays: [] },
      units: [{ unit: 'a.service', handling: 'restart', files: ['/usr/lib/a'] }],
    };

    assert.equal(outcomeOf(await rig.carriedOut('apply')), 'file-action-failed');
    assert.deepEqual(rig.host.restarts, []);
  });

  it('and no packages leaves packages, updaters and services alone, since its host may not be drained', async () => {
    withoutPackages();
    rig.host.updaters = ['apt-daily.timer'];
    rig.host.reboot = { needed: 'yes', reasons: ['an old kernel'] };
    rig.host.old = {
      ...{ manager: [], sessionProcesses: 0, strays: [] },
      units: [{ unit: 'a.service', handling: 'restart', files: ['/usr/lib/a'] }],
    };

    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { token: rig.newToken() })), 'succeeded');
    assert.equal(outcomeOf(await rig.carriedOut('fetch')), 'succeeded');
    assert.equal((await evidenceOf('apply')).rebootNeeded, false);
    assert.equal(await verified('packages'), 'succeeded');
    assert.equal((await evidenceOf('rollback')).rebootNeeded, false);

    const { packagePreflights, fetches, installs, pauses, restarts } = rig.host;
    assert.deepEqual({ packagePreflights, fetches, installs, pauses }, { ...noPackageWork, pauses: 0 });
    assert.deepEqual(restarts, []);
  });

  for (const packages of ['with', 'without'] as const)
    it(`says that a boot is needed when a changed file wants one, ${packages} packages`, async () => {
      if (packages === 'without') withoutPackages();
      rig.host.files.changes = { changed: [file.path], rebootNeeded: true };

      const { rebootNeeded, remarks } = await evidenceOf('apply');

      assert.equal(rebootNeeded, true);
      assert.match(remarks.join('\n'), /^a reboot is needed: a changed file/m);
    });

  it('says that a boot is still needed where the order has none', async () => {
    rig.order = { ...rig.order, verbs: rig.order.verbs.filter((verb) => verb !== 'reboot') };
    rig.host.files.changes = { changed: [file.path], rebootNeeded: true };

    assert.match((await evidenceOf('apply')).remarks.join('\n'), /^a reboot is still needed/m);
  });

  it('is verified by confirming first, and then by proving the files', async () => {
    rig.host.installed = '1.1.0';

    assert.equal(await verified('packages'), 'succeeded');
    assert.deepEqual(rig.host.files.work, ['confirm with zdemo 1.1.0', 'prove with zdemo 1.1.0']);
  });

  it('is not verified over a session that began before they were in force', async () => {
    rig.host.installed = '1.1.0';
    rig.host.files.inForceAt = Date.now() + 60_000;
    assert.equal(await verified('packages'), 'not-a-new-connection');

    const later = rig.session(rig.host.files.inForceAt + 1);
    const reply = await rig.send(verify('packages'), { token: rig.newToken() }, later);
    assert.equal(outcomeOf(reply), 'succeeded');
  });

  it('is not verified while a file is another one', async () => {
    rig.host.installed = '1.1.0';
    rig.host.files.failures.set('prove', new StepFailure('files-differ', file.path));

    assert.equal(await verified('packages'), 'files-differ');
  });

  it('is verified after its way back by what was there before, and nothing is confirmed', async () => {
    assert.equal(await verified('wayBack'), 'succeeded');
    assert.deepEqual(rig.host.files.work, ['proveRestored with zdemo 1.0.0']);
  });

  it('is compared with the host without a token, and without any work', async () => {
    rig.order = { ...rig.order, verbs: ['compare'] };

    const reply = await rig.send({ verb: 'compare' });

    assert.ok(reply.kind === 'compared');
    assert.deepEqual(
      reply.files.map(({ path, diff }) => [path, diff]),
      [[file.path, '+x']],
    );
    assert.deepEqual(rig.host.files.work, ['compare with zdemo 1.0.0']);
    assert.equal(existsSync(stepsDirectory(rig.paths)), false);
  });

  it('is not compared where that is not in it', async () => {
    rig.order = { ...rig.order, verbs: ['preflight'] };

    const reply = await rig.send({ verb: 'compare' });

    assert.equal(reply.kind === 'refused' ? reply.code : reply.kind, 'verb-not-allowed');
  });

  it('puts those of an earlier plan back, if it may, and proves that', async () => {
    const { files: _, ...rest } = rig.order;
    rig.order = { ...rest, packages: [], wayBack: [], filesBack: 'e'.repeat(64) };

    assert.equal(outcomeOf(await rig.carriedOut('apply')), 'succeeded');
    assert.equal(await verified('packages'), 'succeeded');

    assert.equal(rig.host.installs, 0);
    const asked = rig.host.files.work.map((line) => line.split(' ')[0]);
    assert.deepEqual(asked, ['checkBack', 'restore', 'proveRestored']);
  });
});
