import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import type { ReportDocument } from '../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../proto/zdms/v1/plan-document.ts';
import { labExec, labPublishLibrary } from '../../vagrant/nspawn/lab.ts';
import { LIBRARY_FILE, LIBRARY_PACKAGE } from '../../vagrant/nspawn/shared-library.ts';
import { needsProgram } from '../support/needs-program.ts';
import { readTruth } from './proof/host-truth.ts';
import { serverStatuses } from './proof/haproxy-statistics.ts';
import { untilRollout } from './proof/rollout-watch.ts';
import { refreshSurveys } from './proof/surveys.ts';
import { underTraffic } from './proof/traffic.ts';
import type { ZdmsLab } from './proof/zdms-lab.ts';
import { RATE_PER_SECOND, sharedLab } from './shared-lab.ts';

const OLD = '1.0.0';
const NEW = '1.1.0';
const SERVICE = 'zdemo.service';
const DROP_IN = `/run/systemd/system/${SERVICE}.d`;
const POLL_MS = 100;
const DEADLINE_MS = 60_000;

/** In a shell on a host. Throws Error when it fails. */
async function onHost(host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, ['sh', '-euc', script]);
  if (code !== 0) throw new Error(`${host}: ${script}: ${stdout}${stderr}`);
  return stdout;
}

/** Processes that map the library, by which one: the file on the disk, or one that is gone. The kernel's word, not zdms's. */
async function libraryUsers(host: string): Promise<{ readonly current: number; readonly gone: number }> {
  const script = `grep -hs 'r-xp.* ${LIBRARY_FILE}' /proc/[0-9]*/maps || true`;
  const lines = (await onHost(host, script)).split('\n').filter((line) => line !== '');
  const gone = lines.filter((line) => line.endsWith('(deleted)')).length;
  return { current: lines.length - gone, gone };
}

/** As a person or a tool that knows nothing of running services does it. */
async function installByHand(host: string, version: string): Promise<void> {
  const options = 'DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq -y --allow-downgrades';
  await onHost(host, `apt-get -qq update && ${options} install ${LIBRARY_PACKAGE}=${version}`);
}

/** The web service of these hosts maps the library from now on. */
async function useLibrary(host: string): Promise<void> {
  await installByHand(host, OLD);
  const text = `[Service]\\nEnvironment=LD_PRELOAD=${LIBRARY_FILE}\\n`;
  await onHost(host, `mkdir -p ${DROP_IN} && printf '${text}' > ${DROP_IN}/library.conf`);
  await onHost(host, `systemctl daemon-reload && systemctl restart ${SERVICE}`);
}

async function forgetLibrary(host: string): Promise<void> {
  await onHost(host, `rm -rf ${DROP_IN} && systemctl daemon-reload && systemctl restart ${SERVICE}`);
  await onHost(host, `apt-get -qq -y purge ${LIBRARY_PACKAGE}`);
}

async function untilAllUp(): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const seen = await Promise.all(
      ['lb-1', 'lb-2'].map((name) => labExec(name, ['curl', '--silent', 'http://127.0.0.1:8404/stats;csv'])),
    );
    const statuses = seen.flatMap(({ stdout }) => Object.values(serverStatuses(stdout, 'web')));
    if (statuses.every((status) => status === 'UP')) return;
    if (Date.now() > deadline) throw new Error(`not all servers are up: ${statuses.join(' ')}`);
    await sleep(POLL_MS);
  }
}

/** When the service was started last, by the host's clock. */
async function startedAt(host: string): Promise<string> {
  return onHost(host, `systemctl show --property=ExecMainStartTimestampMonotonic ${SERVICE}`);
}

describe('an update of a library on real hosts', () => {
  let lab: ZdmsLab;
  let change: string;
  let changed: readonly string[] = [];

  before('build the lab, and a library that the web service runs', async function () {
    needsProgram(this, 'gcc');
    lab = await sharedLab();
    await labPublishLibrary(OLD);
    await labPublishLibrary(NEW);
    changed = lab.webHosts;
    await Promise.all(changed.map(useLibrary));
    await untilAllUp();
    const text = `where: { role: web }
packages: [${LIBRARY_PACKAGE}=${NEW}]
reboot: ifNeeded
stages:
  - { name: canary, hosts: 1 }
  - { name: all, hosts: all }
`;
    change = lab.write('library.yaml', text);
  });

  after('leave the hosts as they were', async () => {
    await Promise.all(changed.map(forgetLibrary));
    if (changed.length > 0) await untilAllUp();
  });

  it('leaves the old one running where nobody restarts anything, which is what this test has to see', async () => {
    const [host = ''] = lab.webHosts;
    assert.equal((await libraryUsers(host)).gone, 0);

    await installByHand(host, NEW);

    const after = await libraryUsers(host);
    assert.ok(after.gone > 0 && after.current === 0, JSON.stringify(after));
    await installByHand(host, OLD);
    await onHost(host, `systemctl restart ${SERVICE}`);
    await untilAllUp();
    assert.equal((await libraryUsers(host)).gone, 0);
  });

  it('is finished by the restart of the service that runs it: no reboot, no old library, no failed request', async () => {
    await Promise.all(lab.webHosts.map((host) => onHost(host, 'apt-get -qq update')));
    await refreshSurveys(lab, lab.webHosts);
    const plan = JSON.parse(await lab.mustZdms('plan', change, '-o', 'json')) as PlanDocument;
    assert.deepEqual(
      plan.forecasts.map(({ host, action, units }) => [host, action, ...units]).sort(),
      lab.webHosts.map((host) => [host, 'restart', SERVICE]).sort(),
    );
    const before = await readTruth(lab.webHosts);
    const startsBefore = await Promise.all(lab.webHosts.map(startedAt));

    const { load } = await underTraffic(
      { topology: lab.topology, ratePerSecond: RATE_PER_SECOND, directory: lab.directory },
      async () => {
        await lab.mustZdms('apply', change, '--confirm', String(lab.webHosts.length), '--yes', '--detach');
        const { state } = await untilRollout(lab, 'the rollout ends', ({ endedAt }) => endedAt !== null);
        assert.equal(state, 'done');
      },
    );

    const after = await readTruth(lab.webHosts);
    assert.deepEqual(
      after.map(({ bootId, reboots }) => [bootId, reboots]),
      before.map(({ bootId, reboots }) => [bootId, reboots]),
    );
    const users = await Promise.all(lab.webHosts.map(libraryUsers));
    assert.ok(
      users.every(({ current, gone }) => current > 0 && gone === 0),
      JSON.stringify(users),
    );
    const starts = await Promise.all(lab.webHosts.map(startedAt));
    assert.ok(starts.every((start, at) => start !== startsBefore[at]));
    const report = JSON.parse(await lab.mustZdms('report', '--last', '-o', 'json')) as ReportDocument;
    for (const host of report.hosts) {
      assert.deepEqual(host.restarted, [SERVICE], host.id);
      assert.equal(host.bootIdBefore, host.bootIdAfter, host.id);
      const spent = host.steps.find(({ step }) => step === 'apply')?.spentMs ?? {};
      console.log(`      ${host.id}: out ${host.outMs} ms, of the apply ${JSON.stringify(spent)}`);
    }
    assert.ok(load.requests > 0);
    assert.equal(load.failed, 0);
  });
});
