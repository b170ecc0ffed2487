import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { HostDocument, ReportDocument, RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { changeText } from '../lab/proof/change-text.ts';
import { effectsNotOnce, readExecutorJournal } from '../lab/proof/executor-journal.ts';
import { readTruth } from '../lab/proof/host-truth.ts';
import { ask, CONTROLLER_HOST, CONTROLLER_UNIT, setUpFleet, zdms } from './packaged-fleet.ts';
import { bring, exposureOn, install, on, property, put, until, VERSIONS } from './packaged-lab.ts';
import { packagedLab } from './shared-lab.ts';

const [n, next] = VERSIONS;
const WEB_HOSTS = ['web-1', 'web-2'];
const MEMBERS = ['lb-1', ...WEB_HOSTS];
const KEYS = ['--identity', '/root/operator', '--known-hosts', '/root/known_hosts'];
const DEMO_VERSION = '1.1.0';

describe('a controller from its package', () => {
  before('build the lab', packagedLab);

  it('puts the agent that came with it on the hosts, and they report to it', async () => {
    await setUpFleet(n);
    const hosts = await ask<readonly HostDocument[]>('host', 'ls');
    assert.deepEqual(hosts.map((host) => host.id).toSorted(), ['lb-1', ...WEB_HOSTS]);
    assert.ok(hosts.every((host) => host.agentVersion === n));
  });

  it('is upgraded in the middle of a rollout, which ends well: a sound journal, and each step once', async () => {
    const before = await readTruth(WEB_HOSTS);
    await put(CONTROLLER_HOST, '/root/change.yaml', changeText(DEMO_VERSION));
    const pid = await property(CONTROLLER_HOST, CONTROLLER_UNIT, 'MainPID');
    await zdms('apply', '/root/change.yaml', '--yes', '--detach', '--confirm', String(WEB_HOSTS.length));
    await until(
      'a host is out',
      () => ask<RolloutDocument>('status'),
      ({ hosts }) => hosts.some((host) => host.state === 'out'),
    );
    await install(CONTROLLER_HOST, 'controller', next);
    assert.notEqual(await property(CONTROLLER_HOST, CONTROLLER_UNIT, 'MainPID'), pid);

    await until(
      'the rollout ends',
      () => ask<RolloutDocument>('status'),
      ({ endedAt }) => endedAt !== null,
    );
    const report = await ask<ReportDocument>('report', '--last');
    assert.equal(report.state, 'done');
    assert.equal(report.controllerTakeovers, 1);
    assert.ok(report.journal.sound);
    assert.equal(report.obligationsOpen, 0);
    for (const host of WEB_HOSTS)
      assert.deepEqual(effectsNotOnce(host, await readExecutorJournal(host), report.rollout), []);
    const after = await readTruth(WEB_HOSTS);
    for (const [index, host] of after.entries()) {
      assert.equal(host.version, DEMO_VERSION);
      assert.equal(host.reboots, (before[index]?.reboots ?? NaN) + 1);
      assert.equal(host.installs, (before[index]?.installs ?? NaN) + 1);
    }
  });

  it('is confined where it runs, and so are the agents', async () => {
    assert.ok((await exposureOn(CONTROLLER_HOST, CONTROLLER_UNIT)) <= 2.5);
    assert.ok((await exposureOn('web-1', 'zdms-agent.service')) <= 2);
  });

  it('upgrades the agents by a rollout of their own, and keeps the way back on each host', async () => {
    const pid = await property('web-1', 'zdms-agent.service', 'MainPID');
    const offered = await zdms('host', 'install', '-f', '/root/hosts.txt', '--offer', '--yes', ...KEYS);
    assert.match(offered, /3 of 3 hosts ready for a rollout/);
    assert.equal(await property('web-1', 'zdms-agent.service', 'MainPID'), pid);
    await until(
      'the survey of each host has the new agent',
      () => Promise.all(MEMBERS.map((id) => ask<HostDocument>('host', 'show', id))),
      (hosts) =>
        hosts.every(({ pending }) =>
          pending.some(({ name, candidate }) => name === 'zdms-agent' && candidate === next),
        ),
    );

    const change = (await zdms('change', 'agents')).replace('soak: 5m', 'soak: 0s');
    await put(CONTROLLER_HOST, '/root/agents.yaml', change);
    await zdms('apply', '/root/agents.yaml', '--yes', '--confirm', String(MEMBERS.length));

    const report = await ask<ReportDocument>('report', '--last');
    assert.equal(report.state, 'done');
    assert.equal(report.obligationsOpen, 0);
    for (const host of MEMBERS) {
      assert.deepEqual(effectsNotOnce(host, await readExecutorJournal(host), report.rollout, ['apply']), []);
      assert.equal((await on(host, 'zdms-agent', '--version')).trim(), next);
      assert.match(await on(host, 'ls', '/var/lib/zdms/executor/archives'), new RegExp(`zdms-agent_${n}_`));
    }
    assert.notEqual(await property('web-1', 'zdms-agent.service', 'MainPID'), pid);
  });

  it('installs another agent by the same command as the first one', async () => {
    const options = ['--package', await bring(CONTROLLER_HOST, 'agent', n), '--yes', ...KEYS];
    await zdms('host', 'install', '-f', '/root/hosts.txt', ...options);
    await until(
      'every agent reports its version',
      () => ask<readonly HostDocument[]>('host', 'ls'),
      (all) => all.length === MEMBERS.length && all.every((host) => host.connected && host.agentVersion === n),
    );
    assert.match(await on('web-1', 'zdms-agent', 'status'), /web-1/);
  });
});
