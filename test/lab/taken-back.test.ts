import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { labPublish } from '../../vagrant/nspawn/lab.ts';
import { SERVED_DIRECTORY } from '../../vagrant/nspawn/repository.ts';
import { onHost } from './proof/host-shell.ts';
import { readTruth } from './proof/host-truth.ts';
import type { LoadSummary } from './proof/load-summary.ts';
import { hostIn, untilRollout } from './proof/rollout-watch.ts';
import { refreshSurveys } from './proof/surveys.ts';
import { underTraffic } from './proof/traffic.ts';
import type { ZdmsLab } from './proof/zdms-lab.ts';
import { RATE_PER_SECOND, sharedLab } from './shared-lab.ts';

const BAD_VERSION = '1.3.0';
const GONE = `${SERVED_DIRECTORY}.gone`;
const DROP_IN = '/etc/systemd/system/zdemo.service.d/fails.conf';
/** systemd calls it started, and soon afterwards it is not there any more: only the proof after the apply can tell. */
const FAILS = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=
ExecStart=/bin/sh -c 'if grep -qx ${BAD_VERSION} /usr/lib/zdemo/version; then sleep 1; exit 1; fi; exec /usr/bin/python3 /usr/lib/zdemo/zdemo.py'
`;

describe('a version that fails on the third host', () => {
  let lab: ZdmsLab;
  let fleetText: string;
  let hosts: readonly string[];
  let versions: ReadonlyMap<string, string | null>;
  let load: LoadSummary;
  let brought: RolloutDocument;
  let back: RolloutDocument;

  async function versionsNow(): Promise<ReadonlyMap<string, string | null>> {
    return new Map((await readTruth(lab.webHosts)).map(({ id, version }) => [id, version]));
  }

  before('bring it, with a policy that undoes, and take the mirror away', async () => {
    lab = await sharedLab();
    fleetText = readFileSync(join(lab.directory, 'zdms/fleet.yaml'), 'utf8');
    lab.write('zdms/fleet.yaml', fleetText.replace('onFailure: hold', 'onFailure: undo'));
    await labPublish(BAD_VERSION);
    await refreshSurveys(lab, lab.webHosts);
    versions = await versionsNow();
    const change = `name: bad\nwhere: { role: web }\npackages: [zdemo=${BAD_VERSION}]\nreboot: never\natOnce: 1\nstages: [{ name: all, hosts: all }]\n`;
    const plan = await lab.client.plan('bad.yaml', change);
    hosts = plan.stages.flatMap(({ waves }) => waves.flat()).slice(0, 3);
    const third = hosts[2] ?? '';
    await onHost(
      third,
      `mkdir -p $(dirname ${DROP_IN}); cat > ${DROP_IN} <<'END'\n${FAILS}END\nsystemctl daemon-reload`,
    );
    const traffic = { topology: lab.topology, ratePerSecond: RATE_PER_SECOND, directory: lab.directory };
    ({ load } = await underTraffic(traffic, async () => {
      const { id } = await lab.client.apply(plan.hash, 'test', plan.hosts);
      await untilRollout(lab, 'the third host is in apply', (rollout) => hostIn(rollout, 'apply') === third);
      renameSync(SERVED_DIRECTORY, GONE);
      brought = await untilRollout(lab, 'it ends', (rollout) => rollout.id === id && rollout.endedAt !== null);
      back = await untilRollout(lab, 'all is taken back', (rollout) => rollout.id !== id && rollout.endedAt !== null);
    }));
  });

  after('as it was', async () => {
    renameSync(GONE, SERVED_DIRECTORY);
    lab.write('zdms/fleet.yaml', fleetText);
    await onHost(hosts[2] ?? '', `rm ${DROP_IN}; systemctl daemon-reload; systemctl restart zdemo.service`);
  });

  it('had come to two of them before', () => {
    const states = hosts.map((host) => brought.hosts.find((each) => each.host === host)?.state);
    assert.deepEqual(states, ['done', 'done', 'skipped']);
    assert.equal(brought.state, 'aborted');
  });

  it('is taken back everywhere by itself, with no mirror to be reached', async () => {
    assert.equal(back.state, 'done');
    assert.deepEqual(back.hosts.map(({ host }) => host).toSorted(), hosts.slice(0, 2).toSorted());
    assert.deepEqual(await versionsNow(), versions);
  });

  it('was noticed by no user', () => {
    assert.ok(load.requestsWhileOut > 0);
    assert.equal(load.failed, 0);
  });

  it('is not offered again', async () => {
    const all = lab.write('all.yaml', 'where: { role: web }\npackages: all\n');
    const named = lab.write('named.yaml', `where: { role: web }\npackages: [zdemo=${BAD_VERSION}]\n`);

    for (const file of [all, named]) {
      const plan = await lab.mustZdms('plan', file);
      assert.match(plan, new RegExp(`zdemo.${BAD_VERSION} is (not to reach any more hosts|quarantined)`), plan);
      assert.doesNotMatch(plan, new RegExp(`-> ${BAD_VERSION}`));
    }
    assert.match(await lab.mustZdms('quarantine', 'ls'), new RegExp(`zdemo=${BAD_VERSION} .*the policy`));
  });
});
