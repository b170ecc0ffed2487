import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { labExec, labOffer } from '../../../vagrant/nspawn/lab.ts';
import { buildSmallPackage } from '../../../vagrant/nspawn/small-package.ts';
import { effectsNotOnce } from '../proof/executor-journal.ts';
import { copyPackage, onHost } from '../proof/host-shell.ts';
import { countReboots } from '../proof/host-truth.ts';
import { killInStep } from '../proof/kill-in-step.ts';
import { untilRollout } from '../proof/rollout-watch.ts';
import { refreshSurveys } from '../proof/surveys.ts';
import type { ZdmsLab } from '../proof/zdms-lab.ts';
import { endSharedLab, sharedLab } from '../shared-lab.ts';

const PACKAGE = 'zt-boot';
const ROUNDS = 3;
const HOSTS = 20;
const KILLS = 2;
const MEDDLER = readFileSync(join(import.meta.dirname, '../reboots/meddler.py'));
const LIMITS =
  'maxOut: off\nramp: off\nerrorBudget: off\nsameFailure: off\nblindStop: off\nconfirmAbove: off\nrebootsPerHour: off\n';
const SUITE_DEADLINE_MS = 3_600_000;
const ROUND_DEADLINE_MS = 900_000;
const SETTLED = ['done', 'skipped', 'held'];

function versionOf(round: number): string {
  return `${round + 1}.0`;
}

describe('reboots whose replies are lost, that are ordered twice, and whose controller is killed', function () {
  this.timeout(SUITE_DEADLINE_MS);
  let lab: ZdmsLab;
  let hosts: readonly string[] = [];

  before('build the lab', async () => {
    lab = await sharedLab('misfortunes');
    hosts = lab.topology.hosts.slice(0, HOSTS).map(({ name }) => name);
    lab.write('zdms/limits.yaml', LIMITS);
    const directory = join(lab.directory, 'boot-packages');
    mkdirSync(directory, { recursive: true });
    const files: string[] = [];
    for (let round = 0; round <= ROUNDS; round += 1)
      files.push(await buildSmallPackage({ name: PACKAGE, version: versionOf(round) }, directory));
    await labOffer(files);
    for (const host of hosts) {
      const path = await copyPackage(host, files[0] ?? '');
      await onHost(host, `dpkg --install ${path}; apt-get update -q`);
      await labExec(host, ['sh', '-euc', 'cat > /root/meddler.py'], { input: MEDDLER });
    }
  });
  after('take the lab down', endSharedLab);

  /** Each host's own word, and the lab's. */
  function readBoots(): Promise<readonly (readonly [string, number])[]> {
    return Promise.all(
      hosts.map(
        async (host) => [await onHost(host, 'cat /proc/sys/kernel/random/boot_id'), countReboots(host)] as const,
      ),
    );
  }

  async function meddle(host: string, round: number): Promise<void> {
    const meddler = `exec python3 /root/meddler.py ${round - 1} > /root/meddled.${round} 2>&1`;
    // Without the dependencies of every unit it is not the first that ends when the host goes down.
    await onHost(host, `systemd-run --quiet --unit=meddler-${round} -p DefaultDependencies=no sh -c '${meddler}'`);
  }

  /** Kills the controller in the middle of reboots, so often. */
  async function killAlong(signal: AbortSignal): Promise<void> {
    for (let kill = 0; kill < KILLS; kill += 1) await killInStep(lab, 'reboot', signal);
  }

  for (let round = 1; round <= ROUNDS; round += 1)
    it(`are exactly one boot on each of ${HOSTS} hosts (${round} of ${ROUNDS})`, async () => {
      await refreshSurveys(lab, hosts);
      const boots = hosts.map(countReboots);
      const killsBefore = lab.controller.kills;
      await Promise.all(hosts.map((host) => meddle(host, round)));
      const name = `boot-${round}`;
      const change = `name: ${name}\nwhere: [${hosts.join(', ')}]\npackages: [${PACKAGE}=${versionOf(round)}]\nreboot: always\nstages: [{ name: all, hosts: all }]\n`;
      await lab.mustZdms('apply', lab.write('boot.yaml', change), '--detach', '--confirm', String(HOSTS));
      const ended = new AbortController();
      const killing = killAlong(ended.signal);
      const rollout = await untilRollout(
        lab,
        'every host is done or parked',
        (each) => each.change === name && each.hosts.every(({ state }) => SETTLED.includes(state)),
        ROUND_DEADLINE_MS,
      );
      ended.abort();
      await killing;

      assert.equal(lab.controller.kills - killsBefore, KILLS);
      assert.deepEqual(
        rollout.hosts.filter(({ state }) => state !== 'done').map(({ host, reason }) => `${host}: ${reason?.text}`),
        [],
      );
      const complaints = await Promise.all(
        hosts.map(async (host) => [
          ...effectsNotOnce(host, await lab.backEnd.readExecutorJournal(host), rollout.id, ['reboot']),
          ...(await complaintsOf(host, round)),
        ]),
      );
      assert.deepEqual(complaints.flat(), []);
      assert.deepEqual(
        hosts.map((host, index) => [host, countReboots(host) - (boots[index] ?? 0)]),
        hosts.map((host) => [host, 1]),
      );
    });

  it('stay one boot each when every order is handed in once more, long after it', async () => {
    const before = await readBoots();
    const replies = await Promise.all(
      hosts.map((host) => onHost(host, 'zdms-agent exec < /root/last-reboot-order || true')),
    );
    for (const reply of replies) assert.match(reply, /"finished"|request-expired/);
    assert.deepEqual(await readBoots(), before);
  });
});

/** What did not go wrong on a host although it was to: such a reboot proves nothing. */
async function complaintsOf(host: string, round: number): Promise<readonly string[]> {
  const lines = (await onHost(host, `cat /root/meddled.${round}`)).trim().split('\n');
  const [first = '', ...again] = lines;
  const complaints = /^cut [1-9]/.test(first) ? [] : [`${host}: no reply was lost (${first})`];
  const wasHandedIn = again.some((line) => /"(accepted|finished|running)"/.test(line));
  return wasHandedIn ? complaints : [...complaints, `${host}: no order came twice (${lines.join(' / ')})`];
}
