import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { ReportDocument } from '../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../proto/zdms/v1/plan-document.ts';
import { mustRun } from '../../vagrant/nspawn/command.ts';
import { labExec, labPaths, labTopology } from '../../vagrant/nspawn/lab.ts';
import { nspawnBackEnd } from '../lab/proof/nspawn-back-end.ts';
import { buildAgentPackage, installZdms, type ZdmsLab } from '../lab/proof/zdms-lab.ts';
import { skipBecause } from '../support/skip-because.ts';

const checkout = join(import.meta.dirname, '../..');
const labCommand = join(checkout, 'scripts/lab');
const directory = join(checkout, '.cache/vagrant-suite');
const fleetFile = join(checkout, 'test/lab/fleets/virtual-machines.yaml');
const hosts = ['web-1', 'web-2'];
const kernelPackage = 'linux-image-lab';
/** Under software emulation on a busy machine; with KVM all of it takes minutes. */
const suiteDeadlineMs = 2 * 3_600_000;
const labDeadlineMs = 2_400_000;
const tellDeadlineMs = 120_000;
const minute = 60_000;
/** Two emulated machines that enrol together are too slow for what installs agents. */
const oneAtOnce = 1;
/** Everything inside an emulated machine takes ten times as long. */
const timing = {
  reportStaleMs: 2 * minute,
  answerWithinMs: minute,
  preflightDeadlineMs: 20 * minute,
  rebootDeadlineMs: 30 * minute,
  verifyDeadlineMs: 20 * minute,
  settleDeadlineMs: 10 * minute,
};

/** What a machine says of itself over the lab operator's own ssh. `boots`: as its own login records count them. */
interface MachineTruth {
  readonly kernel: string;
  readonly bootId: string;
  readonly boots: number;
}

async function readTruth(host: string): Promise<MachineTruth> {
  const ask = 'uname -r; cat /proc/sys/kernel/random/boot_id; last reboot | grep -c ^reboot';
  const { code, stdout, stderr } = await labExec(host, ['sh', '-c', ask], { timeoutMs: tellDeadlineMs });
  assert.equal(code, 0, stderr);
  const [kernel = '', bootId = '', boots] = stdout.split('\n');
  return { kernel, bootId, boots: Number(boots) };
}

/** The version of the package that brings the newer kernel, and that kernel's name, as apt in the machine knows them. */
async function readOffer(host: string): Promise<{ readonly version: string; readonly kernel: string }> {
  const { stdout } = await labExec(host, ['apt-cache', 'show', '--no-all-versions', kernelPackage], {
    timeoutMs: tellDeadlineMs,
  });
  const version = /^Version: (\S+)$/m.exec(stdout)?.[1];
  const kernel = /^Depends: linux-image-(\S+)$/m.exec(stdout)?.[1];
  assert.ok(version !== undefined && kernel !== undefined, stdout);
  return { version, kernel };
}

function changeText(version: string): string {
  return `name: new-kernel
where: { role: web }
packages: [${kernelPackage}=${version}]
reboot: always
`;
}

/** What this machine would keep of a lab that did not wholly end. */
function tracesOfALab(): string[] {
  const files = [
    '/run/zdms-lab.json',
    '/run/netns/zlab',
    '/run/libvirt',
    '/sys/fs/cgroup/zdms-lab',
    '/sys/fs/cgroup/unified/zdms-lab',
    join(checkout, '.cache/lab/run'),
    join(checkout, 'vagrant/.vagrant'),
    join(homedir(), '.vagrant.d'),
  ].filter((file) => existsSync(file));
  const images = '/var/lib/libvirt/images';
  const volumes = existsSync(images) ? readdirSync(images).map((name) => join(images, name)) : [];
  return [...files, ...volumes, ...processes()];
}

/** The processes that a lab of virtual machines has. */
function processes(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return /^\S*(qemu-system|libvirtd|dnsmasq|tini|vagrant)/.test(line) ? [`${pid} ${line}`] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

describe('two virtual machines that Vagrant made', function () {
  this.timeout(suiteDeadlineMs);
  let tracesBefore: string[] = [];
  let lab: ZdmsLab | null = null;

  before('bring the lab up', async function () {
    if (process.platform !== 'linux' || process.geteuid?.() !== 0)
      skipBecause(this, 'virtual machines need root on Linux');
    tracesBefore = tracesOfALab();
    const say = (line: string): void => console.log(`      ${line}`);
    const packageFile = await buildAgentPackage();
    const up = [labCommand, 'up', '--backend', 'vagrant', '--topology', 'small', '--hosts', String(hosts.length)];
    await mustRun(up, { timeoutMs: labDeadlineMs, onErrorLine: say });
    rmSync(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    const backEnd = {
      ...nspawnBackEnd(labTopology(), packageFile, oneAtOnce),
      fleetText: () => readFileSync(fleetFile, 'utf8'),
    };
    const signal = new AbortController().signal;
    lab = await installZdms(backEnd, { directory, say, signal, timing, servingDeadlineMs: 10 * minute });
  });

  after('take it down', async () => {
    await lab?.down();
    rmSync(directory, { recursive: true, force: true });
  });

  it('get a new kernel and one reboot each, one after the other', async () => {
    assert.ok(lab);
    const offer = await readOffer('web-1');
    const before = await Promise.all(hosts.map(readTruth));
    assert.ok(before.every(({ kernel }) => kernel !== offer.kernel));

    const change = lab.write('change.yaml', changeText(offer.version));
    const plan = JSON.parse(await lab.mustZdms('plan', change, '-o', 'json')) as PlanDocument;
    assert.equal(plan.hosts, hosts.length);
    await lab.mustZdms('apply', plan.hash, '--confirm', String(plan.hosts));

    const after = await Promise.all(hosts.map(readTruth));
    assert.deepEqual(
      after.map(({ kernel, boots }, index) => ({ kernel, boots: boots - (before[index]?.boots ?? 0) })),
      hosts.map(() => ({ kernel: offer.kernel, boots: 1 })),
    );
    const report = JSON.parse(await lab.mustZdms('report', '--last', '-o', 'json')) as ReportDocument;
    assert.equal(report.state, 'done');
    assert.deepEqual(
      report.hosts.map(({ id, bootIdBefore, bootIdAfter }) => [id, bootIdBefore, bootIdAfter]).sort(),
      hosts.map((id, index) => [id, before[index]?.bootId, after[index]?.bootId]),
    );
    assert.equal(report.lowestServing.find(({ service }) => service === 'web')?.mostOut, 1);
  });

  it('end without a trace', async () => {
    assert.ok(lab);
    const { networkNamespace } = labPaths();
    await lab.down();
    lab = null;
    assert.deepEqual(tracesOfALab(), tracesBefore);
    assert.ok(!readFileSync('/proc/mounts', 'utf8').includes(networkNamespace));
  });
});
