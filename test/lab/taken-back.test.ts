import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { labPublish, labWithdraw } from '../../vagrant/nspawn/lab.ts';
import { SERVED_DIRECTORY } from '../../vagrant/nspawn/repository.ts';
import { onHost } from './proof/host-shell.ts';
import { readTruth } from './proof/host-truth.ts';
import type { LoadSummary } from './proof/load-summary.ts';
import { hostIn, untilRollout } from './proof/rollout-watch.ts';
import { refreshSurveys } from './proof/surveys.ts';
import { underTraffic } from './proof/traffic.ts';
import type { ZdmsLab } from './proof/zdms-lab.ts';
import { RATE_PER_SECOND, sharedLab } from './shared-lab.ts';

const BAD_VERSION = '1.8.0';
const GONE = `${SERVED_DIRECTORY}.gone`;
const UNITS = '/etc/systemd/system';
/** It comes with the service, and fails with this version alone: only the proof after the apply can tell. */
const COMPANION = `[Service]
Type=oneshot
ExecStart=/bin/sh -c '! grep -qx ${BAD_VERSION} /usr/lib/zdemo/version'
`;
const WITH_COMPANION = `[Service]
ExecStartPost=+-/bin/systemctl --no-block start zcompanion.service
`;
const REMOVE_COMPANION = `rm -rf ${UNITS}/zdemo.service.d ${UNITS}/zcompanion.service; systemctl daemon-reload`;

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

  async function addCompanion(host: string): Promise<void> {
    const write = (file: string, text: string): string => `cat > ${UNITS}/${file} <<'END'\n${text}END\n`;
    const files = `${write('zcompanion.service', COMPANION)}${write('zdemo.service.d/companion.conf', WITH_COMPANION)}`;
    await onHost(host, `mkdir -p ${UNITS}/zdemo.service.d\n${files}systemctl daemon-reload`);
  }

  before('bring it, with a policy that undoes, and take the mirror away', async () => {
    lab = await sharedLab();
    fleetText = readFileSync(join(lab.directory, 'zdms/fleet.yaml'), 'utf8');
    lab.write('zdms/fleet.yaml', fleetText.replace('onFailure: hold', 'onFailure: undo'));
    await labPublish(BAD_VERSION);
    await Promise.all(lab.webHosts.map((host) => onHost(host, 'zdms-agent survey')));
    await refreshSurveys(lab, lab.webHosts);
    versions = await versionsNow();
    // No others: they would be prepared meanwhile, and find no mirror.
    const three = lab.webHosts.slice(0, 3);
    const change = `name: bad\nwhere: [${three.join(', ')}]\npackages: [zdemo=${BAD_VERSION}]\nreboot: never\natOnce: 1\nstages: [{ name: all, hosts: all }]\n`;
    const plan = await lab.client.plan('bad.yaml', change);
    hosts = plan.stages.flatMap(({ waves }) => waves.flat());
    const third = hosts[2] ?? assert.fail(`the plan has ${plan.hosts} hosts`);
    await addCompanion(third);
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
    if (existsSync(GONE)) renameSync(GONE, SERVED_DIRECTORY);
    await labWithdraw(BAD_VERSION);
    await Promise.all(lab.webHosts.map((host) => onHost(host, 'zdms-agent survey')));
    await lab.mustZdms('quarantine', 'lift', `zdemo=${BAD_VERSION}`);
    lab.write('zdms/fleet.yaml', fleetText);
    const third = hosts[2];
    if (third !== undefined) await onHost(third, REMOVE_COMPANION);
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
