import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { readTruth } from './proof/host-truth.ts';
import { onHost } from './proof/host-shell.ts';
import { untilRollout } from './proof/rollout-watch.ts';
import { refreshSurveys } from './proof/surveys.ts';
import { underTraffic } from './proof/traffic.ts';
import type { ZdmsLab } from './proof/zdms-lab.ts';
import { endSharedLab, freshVersion, RATE_PER_SECOND, sharedLab } from './shared-lab.ts';

const OLD = '65586';
const BETWEEN = '65588';
const NEW = '65590';
const FILE = '/etc/nginx/conf.d/firmware.conf';
const ENDED_WITHIN_MS = 300_000;

/** By fwupd's own word, not zdms's. */
async function firmwareOf(host: string): Promise<string | undefined> {
  const answer = JSON.parse(await onHost(host, 'fwupdmgr get-devices --json')) as {
    readonly Devices: readonly { readonly Plugin: string; readonly Version?: string }[];
  };
  return answer.Devices.find(({ Plugin }) => Plugin === 'uefi_capsule')?.Version;
}

/** Every capsule that the machine was ever given, by the machine's own word. */
async function capsulesOf(host: string): Promise<readonly string[]> {
  const lines = (await onHost(host, 'cat /var/lib/zfw/attempts 2>/dev/null || true')).trim().split('\n');
  return lines.flatMap((line) => line.split(' ')[1] ?? []);
}

describe('firmware of real hosts', () => {
  let lab: ZdmsLab;

  before('a lab of hosts with firmware, whose policy undoes what fails', async () => {
    lab = await sharedLab('firmware');
  });
  // One of its hosts is held.
  after('take it down', endSharedLab);

  const wanted = (version: string) => `firmware: [{device: System Firmware, version: '${version}'}]\n`;

  async function begin(text: string): Promise<string> {
    const file = lab.write('firmware.yaml', text);
    const plan = await lab.client.plan('firmware.yaml', readFileSync(file, 'utf8'));
    return (await lab.client.apply(plan.hash, 'test', plan.hosts)).id;
  }

  const until = (what: string, id: string, isSo: (rollout: RolloutDocument) => boolean) =>
    untilRollout(lab, what, (rollout) => rollout.id === id && isSo(rollout), ENDED_WITHIN_MS);

  it('is surveyed with what is on offer for it', async () => {
    const shown = await lab.mustZdms('host', 'show', 'web-1');

    assert.match(shown, new RegExp(`^firmware +System Firmware ${OLD}, ${NEW} on offer`, 'm'));
  });

  it('comes with a package and a file in one drain and one boot, and no user notices', async () => {
    const before = await readTruth(lab.webHosts);
    const version = await freshVersion(lab.webHosts);
    const file = `files: [{path: ${FILE}, content: "# with firmware\\n", then: reload nginx}]\n`;
    const text = `where: {role: web}\npackages: [zdemo=${version}]\n${file}${wanted(BETWEEN)}`;
    const ended: RolloutDocument[] = [];

    const { load } = await underTraffic(
      { topology: lab.topology, ratePerSecond: RATE_PER_SECOND, directory: lab.directory },
      async () => {
        const id = await begin(text);
        ended.push(await until('it ends', id, ({ endedAt }) => endedAt !== null));
      },
    );

    assert.equal(ended[0]?.state, 'done', JSON.stringify(ended[0]?.hosts));
    assert.equal(load.failed, 0, JSON.stringify(load.firstFailures));
    for (const [at, truth] of (await readTruth(lab.webHosts)).entries()) {
      assert.deepEqual([truth.version, truth.reboots], [version, (before[at]?.reboots ?? 0) + 1]);
      assert.equal(await onHost(truth.id, `cat ${FILE}`), '# with firmware\n');
      assert.equal(await firmwareOf(truth.id), BETWEEN);
      assert.deepEqual(await capsulesOf(truth.id), [BETWEEN]);
    }
  });

  it('that the machine does not take keeps its host from users, whatever the policy, and says why', async () => {
    await refreshSurveys(lab, lab.webHosts);
    await onHost('web-1', 'touch /var/lib/zfw/fail');

    const id = await begin(`where: [web-1]\n${wanted(NEW)}`);
    const held = await until('it is held', id, ({ hosts: [host] }) => host?.state === 'held');

    assert.match(held.hosts[0]?.reason?.text ?? '', /runs 65588 and not 65590: boot entry missing/);
    assert.deepEqual(held.slots, ['web-1']);
    assert.deepEqual(await capsulesOf('web-1'), [BETWEEN, NEW]);
  });
});
