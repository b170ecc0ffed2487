import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { changeText } from '../lab/proof/change-text.ts';
import { rollOut } from '../lab/proof/rollout.ts';
import { refreshSurveys } from '../lab/proof/surveys.ts';
import type { Round } from '../lab/proof/proof.ts';
import { type InProcessZdms, inProcessZdms, underLoad } from '../support/in-process-zdms.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';

const RATE_PER_SECOND = 100;
const HOSTS = ['web-1', 'web-2', 'web-3', 'etcd-1', 'etcd-2', 'etcd-3'];

describe('a rollout on in-process hosts under user traffic', function () {
  // Alone it takes four seconds; a loaded machine may need its time.
  this.timeout(180_000);
  let fleet: InProcessZdms;

  before('bring up hosts and controller', async () => {
    fleet = await inProcessZdms();
  });

  after('take them down', async () => {
    await fleet.zdms.down();
    removeTemporaryDirectories();
  });

  it('patches and reboots every host exactly once, and no request fails', async () => {
    const { lab, zdms } = fleet;
    const rounds: Round[] = [];

    const { sent, failed } = await underLoad(lab, RATE_PER_SECOND, async () => {
      rounds.push(
        await rollOut(zdms, { version: '1.1.0', hosts: zdms.patchedHosts, atOnce: null, killIn: [], shown: false }),
      );
    });

    const [round] = rounds;
    assert.ok(sent > 0);
    assert.deepEqual(failed, []);
    assert.equal(round?.report.state, 'done');
    assert.deepEqual(
      round.after.map(({ id, version, reboots, installs }) => ({ id, version, reboots, installs })),
      HOSTS.map((id) => ({ id, version: '1.1.0', reboots: 1, installs: 1 })),
    );
    assert.deepEqual(round.notOnce, []);
    assert.equal(round.report.obligationsOpen, 0);
    assert.ok(round.report.journal.sound);
    assert.match(await zdms.mustZdms('report', '--last'), /^done 6 hosts .* 0 failed of \d+ while hosts were out/);
  });

  it('has nothing to do where every host is as the change wants it', async () => {
    const change = fleet.zdms.write('again.yaml', changeText('1.1.0').replace('reboot: always', 'reboot: never'));

    const { stdout } = await fleet.zdms.zdms('plan', change);

    assert.match(stdout, /0 of 3 hosts/);
  });

  it('restarts what runs old files where that will do, as the plan has said, and reboots nobody', async () => {
    const { lab, zdms } = fleet;
    for (const host of zdms.webHosts) lab.host(host).system.usedBy.set('zdemo', ['zdemo.service']);
    await refreshSurveys(zdms, zdms.webHosts);
    const text = changeText('1.2.0').replace('reboot: always', 'reboot: ifNeeded');
    const change = zdms.write('restart.yaml', text);
    const before = await zdms.backEnd.readTruth(zdms.webHosts);

    const plan = await zdms.mustZdms('plan', change);
    await zdms.mustZdms('apply', change, '--yes', '--confirm', String(zdms.webHosts.length));

    assert.match(plan, /way back\n {2}from what the host has kept {2}on web-1, web-2, web-3\n/);
    assert.match(plan, /after the update\n {2}restart zdemo\.service {2}on web-1, web-2, web-3\n/);
    assert.match(await zdms.mustZdms('report', '--last'), /^restarted zdemo\.service on web-1, web-2, web-3$/m);
    const after = await zdms.backEnd.readTruth(zdms.webHosts);
    assert.deepEqual(
      after.map(({ bootId, version }) => ({ bootId, version })),
      before.map(({ bootId }) => ({ bootId, version: '1.2.0' })),
    );
    assert.ok(zdms.webHosts.every((host) => lab.host(host).system.oldUnits.size === 0));
  });

  it('users notice when a host is rebooted without zdms: this test can fail', async () => {
    const { lab } = fleet;

    const { failed } = await underLoad(lab, RATE_PER_SECOND, () => lab.host('web-1').reboot());

    assert.ok(failed.length > 0);
  });
});
