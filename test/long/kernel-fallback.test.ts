import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { ReportDocument, RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../proto/zdms/v1/plan-document.ts';
import { type BootFailure, buildBrokenKernel } from '../../vagrant/virtual-machines/broken-kernel.ts';
import { prepareVirtualSystems } from '../../vagrant/virtual-machines/virtual-systems.ts';
import { labExec, labOffer, labSpawn, labTopology } from '../../vagrant/nspawn/lab.ts';
import { mustRun } from '../../vagrant/nspawn/command.ts';
import { nspawnBackEnd } from '../lab/proof/nspawn-back-end.ts';
import { refreshSurveys } from '../lab/proof/surveys.ts';
import { buildAgentPackage, installZdms, type ZdmsLab } from '../lab/proof/zdms-lab.ts';
import { type IpmiSimulator, startIpmiSimulator } from '../support/ipmi/ipmi-simulator.ts';
import { skipBecause } from '../support/skip-because.ts';

const checkout = join(import.meta.dirname, '../..');
const directory = join(checkout, '.cache/kernel-suite');
const chassis = join(checkout, 'vagrant/virtual-machines/chassis/main.ts');
/** In the lab's network. */
const bmcPort = 9623;
const fleetFile = join(checkout, 'test/lab/fleets/virtual-machines.yaml');
/** The one that gets kernels; users of the service are with the other one. */
const patched = 'web-1';
const other = 'web-2';
const kernelPackage = 'linux-image-lab';
const minute = 60_000;
/** Two emulated machines that enrol together are too slow for what installs agents. */
const oneAtOnce = 1;
/** Under software emulation on a busy machine; with KVM all of it takes minutes. */
const suiteDeadlineMs = 150 * minute;
const labDeadlineMs = 40 * minute;
const tellDeadlineMs = 2 * minute;
const timing = {
  reportStaleMs: 2 * minute,
  answerWithinMs: minute,
  preflightDeadlineMs: 20 * minute,
  // A boot takes 20 s to 2 minutes here, and one that panics goes through two of them.
  rebootDeadlineMs: 6 * minute,
  verifyDeadlineMs: 20 * minute,
  settleDeadlineMs: 10 * minute,
};

interface Truth {
  readonly kernel: string;
  readonly bootId: string;
  /** GRUB's own notes. */
  readonly notes: string;
}

async function readTruth(host: string): Promise<Truth> {
  const ask = 'uname -r; cat /proc/sys/kernel/random/boot_id; grub-editenv /boot/grub/grubenv list';
  const { code, stdout, stderr } = await labExec(host, ['sh', '-c', ask], { timeoutMs: tellDeadlineMs });
  assert.equal(code, 0, stderr);
  const [kernel = '', bootId = '', ...notes] = stdout.split('\n');
  return { kernel, bootId, notes: notes.join(' ').trim() };
}

describe('a kernel that is tried on a virtual machine', function () {
  this.timeout(suiteDeadlineMs);
  let lab: ZdmsLab | null = null;
  let bmc: IpmiSimulator | null = null;
  let kernelFile = '';
  let offered = '';
  let good = '';

  before('bring the lab up', async function () {
    if (process.platform !== 'linux' || process.geteuid?.() !== 0)
      skipBecause(this, 'virtual machines need root on Linux');
    const say = (line: string): void => console.log(`      ${line}`);
    const packageFile = await buildAgentPackage();
    const argv = [join(checkout, 'scripts/lab'), 'up', '--backend', 'vagrant', '--topology', 'small', '--hosts', '2'];
    await mustRun(argv, { timeoutMs: labDeadlineMs, onErrorLine: say });
    const systems = await prepareVirtualSystems({ progress: () => undefined });
    kernelFile = systems.kernelFile;
    offered = systems.kernels.offered.version;
    good = systems.kernels.offered.release;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const fleetText = readFileSync(fleetFile, 'utf8').replace(
      'onFailure: hold',
      'onFailure: hold, noReturn: powerCycle',
    );
    const backEnd = { ...nspawnBackEnd(labTopology(), packageFile, oneAtOnce), fleetText: () => fleetText };
    const signal = new AbortController().signal;
    const chassisControl = [process.execPath, chassis, patched];
    bmc = await startIpmiSimulator({
      ...{ directory: join(directory, 'bmc'), port: bmcPort, chassisControl },
      spawnElsewhere: labSpawn,
    });
    const { user, passwordFile } = bmc;
    lab = await installZdms(backEnd, {
      ...{ directory, say, signal, timing, servingDeadlineMs: 20 * minute },
      bmc: { [patched]: { ipmi: { address: '127.0.0.1', port: bmcPort, user, passwordFile } } },
    });
  });

  after('take it down', async () => {
    await bmc?.stop();
    await lab?.down();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Brings one version of the kernel's package to one host, and returns what became of it there. */
  async function bring(version: string): Promise<{ readonly code: number; readonly report: ReportDocument }> {
    assert.ok(lab);
    await refreshSurveys(lab, [patched]);
    const text = `where: [${patched}]\npackages: [${kernelPackage}=${version}]\nreboot: always\n`;
    const plan = JSON.parse(await lab.mustZdms('plan', lab.write('change.yaml', text), '-o', 'json')) as PlanDocument;
    assert.deepEqual(
      plan.leftOut.map(({ reason }) => reason.text),
      [],
    );
    const { code } = await lab.zdms('apply', plan.hash, '--confirm', '1');
    const report = JSON.parse(await lab.mustZdms('report', '--last', '-o', 'json')) as ReportDocument;
    return { code, report };
  }

  /** Offers a kernel that does not start, brings it, and lets the host go again when it was held. */
  async function bringBroken(release: string, version: string, failure: BootFailure): Promise<string> {
    assert.ok(lab);
    await labOffer(await buildBrokenKernel({ release, version }, failure, kernelFile, directory));
    await labExec(patched, ['apt-get', 'update', '-q'], { timeoutMs: labDeadlineMs });
    const { code } = await bring(version);
    assert.equal(code, 3);
    const status = JSON.parse(await lab.mustZdms('status', '-o', 'json')) as RolloutDocument;
    const held = status.hosts.find(({ host }) => host === patched);
    assert.equal(held?.state, 'held');
    return held.reason?.text ?? '';
  }

  async function letGo(): Promise<void> {
    assert.ok(lab);
    await lab.mustZdms('release', patched, '--reason', 'seen');
  }

  it('is what every boot starts when it was found well', async () => {
    const before = await readTruth(patched);
    assert.notEqual(before.kernel, good);
    const { code, report } = await bring(offered);
    assert.equal(code, 0);
    assert.equal(report.state, 'done');
    const after = await readTruth(patched);
    assert.equal(after.kernel, good);
    assert.notEqual(after.bootId, before.bootId);
    assert.equal(after.notes.includes('zdms_'), false, after.notes);
  });

  it('is given up when it panics: the old one runs, the host is held, nobody else is touched', async () => {
    const [before, beside] = await Promise.all([readTruth(patched), readTruth(other)]);
    const reason = await bringBroken('6.1.0-90-cloud-amd64', '6.1.0.90', 'panics');
    assert.match(reason, /6\.1\.0-90-cloud-amd64 was tried and did not come up/);
    const found = await readTruth(patched);
    assert.equal(found.kernel, before.kernel);
    assert.match(found.notes, /zdms_keep=\S*6\.1\.0-\d+-cloud/);
    assert.deepEqual(await readTruth(other), beside);
    await letGo();
  });

  it('is given up when it hangs: its power is cycled by IPMI, and the rest is the same', async () => {
    const [before, beside] = await Promise.all([readTruth(patched), readTruth(other)]);
    const reason = await bringBroken('6.1.0-91-cloud-amd64', '6.1.0.91', 'hangs');
    assert.match(reason, /6\.1\.0-91-cloud-amd64 was tried and did not come up/);
    assert.equal((await readTruth(patched)).kernel, before.kernel);
    assert.deepEqual(await readTruth(other), beside);
    assert.ok(lab);
    const { recent } = JSON.parse(await lab.mustZdms('status', '-o', 'json')) as RolloutDocument;
    assert.ok(recent.some(({ text }) => text.includes('powerCycle done')));
    await letGo();
  });

  it('is not tried again by a boot that somebody makes by hand', async () => {
    const { bootId, kernel } = await readTruth(patched);
    await labExec(patched, ['systemctl', 'reboot'], { timeoutMs: tellDeadlineMs });
    const deadline = Date.now() + timing.rebootDeadlineMs;
    let found = await readTruth(patched).catch(() => null);
    while (found === null || found.bootId === bootId) {
      assert.ok(Date.now() < deadline, `${patched} does not come back from a boot by hand`);
      found = await readTruth(patched).catch(() => null);
    }
    assert.equal(found.kernel, kernel);
  });
});
