import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { runJob } from '../../../agent/executor/run-job.ts';
import type { OldFiles, OldUnit } from '../../../agent/platform/leftovers/least-action.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';
import type { Evidence, OrderBody, Reply } from '../../../proto/zdms/v1/executor.ts';
import { verbs } from '../../../proto/zdms/v1/executor.ts';
import { ExecutorRig, nothingOld, outcomeOf } from './executor-rig.ts';

const TOKEN = 'r1.web-1.step.1';
const ssl = ['/usr/lib/libssl.so.3'];
const nginx: OldUnit = { unit: 'nginx.service', handling: 'restart', files: ssl };
const bus: OldUnit = { unit: 'dbus.service', handling: 'reboot', files: ssl };
const oldNginx: OldFiles = { ...nothingOld, units: [nginx] };

describe('an update is finished', () => {
  let rig: ExecutorRig;
  let count: number;

  beforeEach(() => {
    rig = new ExecutorRig();
    count = 0;
    rig.host.reboot = { needed: 'no', reasons: [] };
  });
  afterEach(() => rig.remove());

  function neverReboots(): void {
    rig.order = { ...rig.order, verbs: verbs.filter((verb) => verb !== 'reboot') };
  }

  async function install(verb: 'apply' | 'rollback' = 'apply'): Promise<Reply> {
    const token = `${TOKEN}${(count += 1)}`;
    await rig.send({ verb }, { token });
    await runJob(token, { paths: rig.paths, platform: rig.host.platform() });
    return rig.status(token);
  }

  async function evidenceOf(done: Promise<Reply>): Promise<Evidence | undefined> {
    const reply = await done;
    assert.equal(outcomeOf(reply), 'succeeded');
    return reply.kind === 'finished' ? reply.outcome.evidence : undefined;
  }

  async function verify(): Promise<string> {
    const checks = { checks: [], times: 1, intervalMs: 50, withinMs: 1000 };
    const request = { verb: 'verify' as const, expect: 'packages' as const, afterReboot: false, ...checks };
    return outcomeOf(await rig.send(request, { token: `r1.web-1.verify.${(count += 1)}` }));
  }

  it('by restarts where these suffice, and then needs no reboot', async () => {
    rig.host.old = { ...oldNginx, manager: ['/usr/lib/libc.so.6'] };
    const evidence = await evidenceOf(install());
    assert.deepEqual([evidence?.restarted, evidence?.rebootNeeded], [['nginx.service', 'systemd'], false]);
    assert.deepEqual(rig.host.restarts, [{ units: ['nginx.service'], manager: true }]);
    assert.equal(await verify(), 'succeeded');
  });

  it('by nothing where nothing old runs', async () => {
    const evidence = await evidenceOf(install());
    assert.deepEqual([evidence?.restarted, evidence?.rebootNeeded, rig.host.restarts], [[], false, []]);
  });

  it('by a reboot alone where one is needed anyway, for the kernel or for a service that nobody restarts', async () => {
    rig.host.old = { ...oldNginx, units: [nginx, bus] };
    const evidence = await evidenceOf(install());
    assert.deepEqual([evidence?.restarted, evidence?.rebootNeeded, rig.host.restarts], [[], true, []]);
    assert.deepEqual(evidence?.remarks, [
      'a reboot is needed: dbus.service runs the old /usr/lib/libssl.so.3 and is never restarted',
    ]);
  });

  it('by a reboot where a kernel is among the packages, whatever the host can tell', async () => {
    const kernel = { name: 'linux-image-6.1.0-41-amd64', version: '1.1.0', sha256: null };
    rig.order = { ...rig.order, packages: [kernel], wayBack: [{ ...kernel, version: '1.0.0' }] };
    assert.equal((await evidenceOf(install()))?.rebootNeeded, true);
    assert.equal((await evidenceOf(install('rollback')))?.rebootNeeded, false);
  });

  it('by the controller, where the host cannot tell whether it needs a reboot', async () => {
    rig.host.reboot = { needed: 'unknown', reasons: [] };
    rig.host.old = oldNginx;
    const evidence = await evidenceOf(install());
    assert.deepEqual([evidence?.restarted, evidence?.rebootNeeded, rig.host.restarts], [[], null, []]);
  });

  it('by restarts as far as these go, where no reboot may be, and the rest is a remark', async () => {
    neverReboots();
    rig.host.old = { ...oldNginx, units: [nginx, bus] };
    rig.host.onRestart = () => ({ ...nothingOld, units: [bus] });
    const evidence = await evidenceOf(install());
    assert.deepEqual([evidence?.restarted, evidence?.rebootNeeded], [['nginx.service'], true]);
    assert.match(evidence?.remarks[0] ?? '', /^a reboot is still needed: dbus\.service/);
    assert.equal(await verify(), 'succeeded');
  });

  it('by a reboot where a restart did not help', async () => {
    rig.host.old = oldNginx;
    rig.host.onRestart = (old) => old;
    const evidence = await evidenceOf(install());
    assert.deepEqual([evidence?.restarted, evidence?.rebootNeeded], [['nginx.service'], true]);
    assert.deepEqual(evidence?.remarks, ['nginx.service: old files are run even after a restart']);
  });

  it('without touching a service where the reboot follows anyway, but for a rollback, which none follows', async () => {
    rig.order = { ...rig.order, restarts: 'afterRollback' };
    rig.host.old = oldNginx;
    await evidenceOf(install());
    assert.deepEqual(rig.host.restarts, []);
    assert.deepEqual((await evidenceOf(install('rollback')))?.restarted, ['nginx.service']);
  });

  it('as before for controllers that know no restarts', async () => {
    const { restarts, ...older } = rig.order;
    assert.equal(restarts, 'always');
    rig.order = older as OrderBody;
    rig.host.old = oldNginx;
    rig.host.reboot = { needed: 'yes', reasons: ['zdemo'] };
    const evidence = await evidenceOf(install());
    assert.deepEqual([evidence?.restarted, evidence?.rebootNeeded, rig.host.restarts], [[], true, []]);
  });

  it('not at all where a service does not come back', async () => {
    rig.host.old = oldNginx;
    rig.host.onRestart = () => {
      throw new StepFailure('restart-failed', 'nginx.service: Job failed');
    };
    assert.equal(outcomeOf(await install()), 'restart-failed');
  });

  it('and verify finds the service that runs old files again', async () => {
    rig.host.old = oldNginx;
    await evidenceOf(install());
    rig.host.old = { ...nothingOld, units: [bus] };
    assert.equal(await verify(), 'succeeded');
    rig.host.old = oldNginx;
    assert.equal(await verify(), 'old-files-mapped');
  });
});
