import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { closedByDemo } from '../../vagrant/nspawn/demo-changelog.ts';
import { labExec, labPublish } from '../../vagrant/nspawn/lab.ts';
import { rebootByHand } from './proof/reboot-by-hand.ts';
import { untilRollout } from './proof/rollout-watch.ts';
import { refreshSurveys, untilSurveyed } from './proof/surveys.ts';
import type { ZdmsLab } from './proof/zdms-lab.ts';
import { sharedLab } from './shared-lab.ts';

const ROLLOUT_DEADLINE_MS = 300_000;
const rpmHosts = ['dnf-1', 'dnf-2', 'zypper-1', 'zypper-2'];
const patched = ['web-1', 'web-2', ...rpmHosts];
const btrfsHost = 'zypper-2';

async function on(host: string, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, argv);
  if (code !== 0) throw new Error(`${argv.join(' ')} on ${host}: ${stdout}${stderr}`);
  return stdout.trim();
}

/** Where that host has kept its root as it was before its last change. */
async function lastSnapshot(): Promise<string> {
  const names = await on(btrfsHost, 'ls', '/.zdms-snapshots');
  return `/.zdms-snapshots/${names.split('\n').at(-1) ?? ''}`;
}

/** The version that the database of packages of that host has, by rpm or dpkg itself. */
function versionOn(host: string, name = 'zdemo'): Promise<string> {
  return rpmHosts.includes(host)
    ? on(host, 'rpm', '-q', '--qf', '%{VERSION}-%{RELEASE}', name)
    : on(host, 'dpkg-query', '-W', '-f', '${Version}', name);
}

async function assertAllHave(version: string): Promise<void> {
  const found = await Promise.all(patched.map(async (host) => [host, await versionOn(host)] as const));
  const wanted = patched.map((host) => [host, rpmHosts.includes(host) ? `${version}-1` : version]);
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(wanted));
  // What runs is what is installed.
  for (const host of patched) {
    const answer = await on(host, 'curl', '--silent', '--fail', 'http://127.0.0.1/');
    assert.equal((JSON.parse(answer) as { version: string }).version, version, host);
  }
}

function hasStopped({ endedAt, hosts }: RolloutDocument): boolean {
  return endedAt !== null || hosts.some((host) => host.state === 'held');
}

describe('hosts of three families under one plan', function () {
  let lab: ZdmsLab;

  before('build the lab', async () => {
    lab = await sharedLab('families');
  });

  /** With new lists, and until the controller knows it. */
  async function survey(hosts: readonly string[]): Promise<void> {
    await Promise.all(hosts.map((host) => on(host, 'zdms-agent', 'survey')));
    await refreshSurveys(lab, hosts);
  }

  async function roll(hosts: readonly string[], packages: string): Promise<RolloutDocument> {
    await survey(hosts);
    const text = `name: families\nwhere: [${hosts.join(', ')}]\npackages: ${packages}\nreboot: never\nstages: [{ hosts: all }]\n`;
    const change = lab.write('families.yaml', text);
    await lab.mustZdms('apply', change, '--confirm', String(hosts.length), '--detach');
    return untilRollout(lab, 'the rollout stops', hasStopped, ROLLOUT_DEADLINE_MS);
  }

  it('get their security updates, each through its own package manager', async () => {
    await assertAllHave('1.0.0');

    const { state, startedAt } = await roll(patched, 'security');

    assert.equal(state, 'done');
    assert.ok(startedAt !== null);
    await assertAllHave('1.2.0');
    // Each by itself, since its packages have changed.
    await untilSurveyed(lab, patched, startedAt);
  });

  it('get all updates but those that are left out', async () => {
    await labPublish('1.3.0');

    const { state } = await roll(patched, 'all\nexcept: [zstop]');

    assert.equal(state, 'done');
    await assertAllHave('1.3.0');
    assert.equal(await versionOn('dnf-1', 'zstop'), '1.0.0-1');
  });

  it('have their root kept as it was before a change, where it is on btrfs: the report says where', async () => {
    const snapshot = await lastSnapshot();

    assert.equal(await on(btrfsHost, 'cat', `${snapshot}/usr/lib/zdemo/version`), '1.2.0');
    const report = await lab.mustZdms('report', '--last');
    assert.match(report, new RegExp(`${btrfsHost}: the root as it was before this change is in ${snapshot}`));
  });

  it('get one package by name, and go back from it', async () => {
    await labPublish('1.4.0');
    const { state } = await roll(patched, '[zdemo]');
    assert.equal(state, 'done');
    await assertAllHave('1.4.0');

    await lab.mustZdms('rollback', '--confirm', String(patched.length), '--detach');
    const back = await untilRollout(lab, 'the way back ends', hasStopped, ROLLOUT_DEADLINE_MS);

    assert.notEqual(back.endedAt, null);
    await assertAllHave('1.3.0');
  });

  it('get what closes a CVE, wherever it is open', async () => {
    await labPublish('1.9.0');

    const { state } = await roll(patched, `{ cve: ${closedByDemo['1.9.0']?.cve ?? ''} }`);

    assert.equal(state, 'done');
    await assertAllHave('1.9.0');
  });

  it('keep no more roots than two, and boot one where a person wants that', async () => {
    const change = lab.write('plan.yaml', 'where: [zypper-1, zypper-2]\npackages: [zstop]\n');
    assert.match(await lab.mustZdms('plan', change), new RegExp(`snapshot of the root, .* on ${btrfsHost}`));
    assert.equal((await on(btrfsHost, 'ls', '/.zdms-snapshots')).split('\n').length, 2);
    assert.equal(await versionOn(btrfsHost), '1.9.0-1');

    await on(btrfsHost, 'btrfs', 'subvolume', 'snapshot', await lastSnapshot(), '/.zdms-restored');
    await on(btrfsHost, 'btrfs', 'subvolume', 'set-default', '/.zdms-restored');
    await rebootByHand(btrfsHost);

    assert.equal(await versionOn(btrfsHost), '1.3.0-1');
  });

  for (const host of ['dnf-1', 'zypper-1']) {
    it(`are held where the package manager is killed half-way, and cured by doing it again: ${host}`, async () => {
      const stopped = await roll([host], '[zstop]');
      const held = stopped.hosts.find((each) => each.host === host);
      assert.equal(held?.state, 'held', JSON.stringify(held));

      await lab.mustZdms('retry', host);
      const { state } = await untilRollout(
        lab,
        'the rollout ends',
        ({ endedAt }) => endedAt !== null,
        ROLLOUT_DEADLINE_MS,
      );

      assert.match(state, /^done/);
      assert.equal(await versionOn(host, 'zstop'), '1.1.0-1');
    });
  }
});
