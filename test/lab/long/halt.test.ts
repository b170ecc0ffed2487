import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { labExec, labSpawn } from '../../../vagrant/nspawn/lab.ts';
import { changeText } from '../proof/change-text.ts';
import { serverStatuses } from '../proof/haproxy-statistics.ts';
import { hostIn, untilRollout } from '../proof/rollout-watch.ts';
import { refreshSurveys } from '../proof/surveys.ts';
import type { ZdmsLab } from '../proof/zdms-lab.ts';
import { freshVersion, sharedLab } from '../shared-lab.ts';

const POLL_MS = 100;
const DEADLINE_MS = 60_000;
/** What a halt promises. */
const HALTED_WITHIN_MS = 1_000;
/** Long enough for several of the controller's ticks: nothing may begin in it. */
const WATCHED_MS = 3_000;

async function until(wanted: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited ${DEADLINE_MS} ms in vain until ${wanted}`);
    await sleep(POLL_MS);
  }
}

/** As one balancer sees the servers; read on the balancer itself. */
async function statuses(balancer: string): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await labExec(balancer, ['curl', '--silent', 'http://127.0.0.1:8404/stats;csv']);
  return serverStatuses(stdout, 'web');
}

/** Requests of three seconds through both balancers, so that a drain has something to wait for. */
function slowUsers(lab: ZdmsLab): { stop(): void } {
  const users = ['lb-1', 'lb-2'].flatMap((name) => {
    const address = lab.topology.hosts.find((host) => host.name === name)?.address ?? '';
    const loop = `while :; do curl --silent --output /dev/null 'http://${address}/work?ms=3000'; done`;
    return Array.from({ length: 6 }, () => labSpawn(['sh', '-c', loop], { stdio: 'ignore' }));
  });
  return { stop: () => users.forEach((user) => user.kill()) };
}

/** Disruptive steps that the executors of all web hosts and balancers began after this moment, by the hosts' own clocks. */
async function disruptedSince(lab: ZdmsLab, at: number): Promise<readonly string[]> {
  const { id } = await lab.client.status('');
  const journals = await Promise.all(lab.topology.hosts.map(async ({ name }) => lab.backEnd.readExecutorJournal(name)));
  return journals
    .flat()
    .filter(
      (step) => step.rollout === id && step.startedAt > at && /\.(drain|apply|reboot|switchover)\./.test(step.token),
    )
    .map((step) => step.token);
}

describe('a halt on real hosts', () => {
  let lab: ZdmsLab;

  before('build the lab', async () => {
    lab = await sharedLab();
  });

  it('begins nothing disruptive after a second, keeps a drain that a balancer forgot, and the rollout is finished after it', async () => {
    await refreshSurveys(lab, lab.webHosts);
    const change = lab.write('change.yaml', changeText(await freshVersion(lab.webHosts)));
    const users = slowUsers(lab);
    try {
      await lab.mustZdms('apply', change, '--yes', '--detach', '--confirm', String(lab.webHosts.length));
      const draining = await untilRollout(lab, 'a host is in drain', (one) => hostIn(one, 'drain') !== undefined);
      const host = hostIn(draining, 'drain') ?? '';

      await lab.mustZdms('halt', '--reason', 'the test says so');
      const haltedAt = Date.now() + HALTED_WITHIN_MS;

      await until(`${host} is drained on both balancers`, async () =>
        (await Promise.all(['lb-1', 'lb-2'].map(statuses))).every((seen) => /MAINT|DRAIN/.test(seen[host] ?? '')),
      );
      await labExec('lb-1', ['systemctl', 'restart', 'haproxy']);
      await until(`lb-1 has ${host} drained again`, async () =>
        /MAINT|DRAIN/.test((await statuses('lb-1'))[host] ?? ''),
      );
      await sleep(WATCHED_MS);
      const begun = await disruptedSince(lab, haltedAt);
      assert.deepEqual(
        begun.filter((token) => !token.includes(`${host}.drain`)),
        [],
      );
      const halted = await lab.client.status('');
      assert.equal(halted.halt?.reason, 'the test says so');
      assert.ok(halted.hosts.every((each) => each.state !== 'out' || each.host === host));
    } finally {
      users.stop();
      await lab.mustZdms('unhalt');
    }
    // The restart itself is felt by users of lb-1, so the prober may have paused the rollout.
    const next = await untilRollout(
      lab,
      'it pauses or ends',
      ({ state, endedAt }) => state === 'paused' || endedAt !== null,
    );
    if (next.state === 'paused') await lab.mustZdms('resume');
    const { state } = await untilRollout(lab, 'the rollout ends', ({ endedAt }) => endedAt !== null);
    assert.equal(state, 'done');
  });
});
