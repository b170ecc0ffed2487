import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { HostDocument, RolloutDocument, WhyDocument } from '../../../proto/zdms/v1/documents.ts';
import { labCut, labExec, labHeal } from '../../../vagrant/nspawn/lab.ts';
import { changeText } from '../proof/change-text.ts';
import { serverStatuses } from '../proof/haproxy-statistics.ts';
import { hostIn, untilRollout } from '../proof/rollout-watch.ts';
import { refreshSurveys } from '../proof/surveys.ts';
import { underTraffic } from '../proof/traffic.ts';
import type { ZdmsLab } from '../proof/zdms-lab.ts';
import { freshVersion, RATE_PER_SECOND, sharedLab } from '../shared-lab.ts';

const POLL_MS = 100;
const DEADLINE_MS = 60_000;

async function until(wanted: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited ${DEADLINE_MS} ms in vain until ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The servers as one balancer sees them; read on the balancer itself. */
async function statuses(balancer: string): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await labExec(balancer, ['curl', '--silent', 'http://127.0.0.1:8404/stats;csv']);
  return serverStatuses(stdout, 'web');
}

async function allUp(): Promise<boolean> {
  const seen = await Promise.all(['lb-1', 'lb-2'].map(statuses));
  return seen.every((servers) => Object.values(servers).every((status) => status === 'UP'));
}

/** Writes a change file with a version that is new to all web hosts, and returns its path. */
async function prepare(lab: ZdmsLab): Promise<string> {
  await refreshSurveys(lab, lab.webHosts);
  return lab.write('change.yaml', changeText(await freshVersion(lab.webHosts)));
}

/** All web hosts are a large share of the lab's hosts, so `--yes` would not be enough. */
function confirmed(lab: ZdmsLab): readonly string[] {
  return ['--confirm', String(lab.webHosts.length)];
}

/** Plans a version that is new to all web hosts and begins to apply it. */
async function begin(lab: ZdmsLab): Promise<void> {
  const change = await prepare(lab);
  await lab.mustZdms('apply', change, ...confirmed(lab), '--detach');
}

function hasEnded({ state }: RolloutDocument): boolean {
  return state === 'done' || state === 'done-with-exceptions' || state === 'aborted';
}

async function untilDone(lab: ZdmsLab): Promise<void> {
  const { state } = await untilRollout(lab, 'the rollout ends', hasEnded);
  assert.equal(state, 'done');
}

describe('what gets in the way of a rollout', function () {
  let lab: ZdmsLab;

  before('build the lab', async () => {
    lab = await sharedLab();
  });

  // Each test leaves the service as whole as it was found, or the next one would measure its leftovers.
  afterEach('all servers are back', () => until('both balancers show all servers up', allUp));

  it('an abort in the middle puts every host back and leaves no obligation', async () => {
    const { load } = await underTraffic(
      { topology: lab.topology, ratePerSecond: RATE_PER_SECOND, directory: lab.directory },
      async () => {
        await begin(lab);
        await untilRollout(lab, 'a host is in apply', (rollout) => hostIn(rollout, 'apply') !== undefined);

        await lab.mustZdms('abort', '--reason', 'the test says so');

        const ended = await untilRollout(lab, 'the rollout ends', hasEnded);
        assert.equal(ended.state, 'aborted');
        assert.deepEqual(ended.obligations, []);
        assert.deepEqual(ended.slots, []);
        assert.ok(ended.hosts.some((host) => host.state === 'waiting' || host.state === 'skipped'));
      },
    );
    assert.equal(load.failed, 0);
    assert.ok(await allUp());
  });

  it('a drain that a balancer forgot, since it was restarted, is asserted again', async () => {
    await begin(lab);
    const rollout = await untilRollout(lab, 'a host is in reboot', (one) => hostIn(one, 'reboot') !== undefined);
    const host = hostIn(rollout, 'reboot') ?? '';

    await labExec('lb-1', ['systemctl', 'restart', 'haproxy']);

    await until(`lb-1 has ${host} in maint again`, async () =>
      ['MAINT', 'DRAIN'].includes((await statuses('lb-1'))[host] ?? ''),
    );
    // The restart itself is felt by users of lb-1, so the prober may have paused the rollout.
    const next = await untilRollout(
      lab,
      'it pauses or goes on',
      ({ state, hosts }) => state === 'paused' || hosts.some((each) => each.state === 'done'),
    );
    if (next.state === 'paused') await lab.mustZdms('resume');
    await untilDone(lab);
  });

  it('a host that cannot be reached waits with a reason that `why` prints, and goes on when it can', async () => {
    const change = await prepare(lab);
    await labCut('web-1');
    try {
      await until('lb-1 and lb-2 call web-1 down', async () => {
        const seen = await Promise.all(['lb-1', 'lb-2'].map(statuses));
        return seen.every((servers) => servers['web-1']?.startsWith('DOWN') === true);
      });
      await lab.mustZdms('apply', change, ...confirmed(lab), '--detach');
      await until('web-1 waits because it cannot be reached', async () => {
        const { answers } = JSON.parse(await lab.mustZdms('why', 'web-1', '-o', 'json')) as WhyDocument;
        return answers.some(({ reason }) => reason?.code === 'host-unreachable' && /reach/.test(reason.text));
      });
    } finally {
      await labHeal('web-1');
    }
    await untilDone(lab);
  });

  it('a service that fails already refuses the start', async () => {
    const change = await prepare(lab);
    await labExec('lb-2', ['systemctl', 'stop', 'haproxy']);
    try {
      const { code, stderr } = await lab.zdms('apply', change, ...confirmed(lab));

      assert.equal(code, 4, stderr);
      assert.match(stderr, /ZDMS_SERVICE_FAILING/);
    } finally {
      await labExec('lb-2', ['systemctl', 'start', 'haproxy']);
    }
  });

  it('bad input is refused with file, line and field, and changes nothing', async () => {
    const cases: readonly [string, RegExp][] = [
      ['where: { role: nobody }\npackages: [zdemo=1.1.0]\n', /where.*selects no host/],
      ['where: {}\npackages: [zdemo=1.1.0]\n', /bad\.yaml:1.*where/s],
      ['where: all\npackages: [zdemo=1.1.0]\nrebot: always\n', /bad\.yaml:3.*rebot/s],
      ['packages: [zdemo=1.1.0]\n', /where/],
    ];
    const before = await lab.client.listHosts();
    for (const [text, expected] of cases) {
      const { code, stderr } = await lab.zdms('plan', lab.write('bad.yaml', text));

      assert.equal(code, 2, `${text}${stderr}`);
      assert.match(stderr, expected);
    }
    const boots = (hosts: readonly HostDocument[]): unknown => hosts.map(({ id, bootId }) => [id, bootId]);
    assert.deepEqual(boots(await lab.client.listHosts()), boots(before));
  });
});
