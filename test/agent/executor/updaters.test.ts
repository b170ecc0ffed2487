import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { runJob } from '../../../agent/executor/run-job.ts';
import { ExecutorRig, outcomeOf } from './executor-rig.ts';

const TIMER = 'apt-daily-upgrade.timer';

describe('a host that also patches itself', () => {
  let rig: ExecutorRig;
  beforeEach(() => {
    rig = new ExecutorRig();
    rig.host.updaters = [TIMER];
  });
  afterEach(() => rig.remove());

  async function carriedOut(verb: 'fetch' | 'apply', token: string): Promise<string> {
    await rig.send({ verb }, { token });
    await runJob(token, { paths: rig.paths, platform: rig.host.platform() });
    return outcomeOf(await rig.status(token));
  }

  async function verified(): Promise<string> {
    const patience = { times: 1, intervalMs: 100, withinMs: 1000 };
    const reply = await rig.send(
      { verb: 'verify', expect: 'packages', afterReboot: false, checks: [], ...patience },
      { token: 'r1.web-1.verify.4' },
    );
    return outcomeOf(reply);
  }

  it('does not from preflight on, is told so, and does again when it is proven', async () => {
    const reply = await rig.send({ verb: 'preflight' }, { token: 'r1.web-1.preflight.1' });
    const remarks = reply.kind === 'finished' ? reply.outcome.evidence.remarks : [];
    assert.deepEqual(remarks, [`paused while this host is patched: ${TIMER}`]);
    assert.equal(await carriedOut('fetch', 'r1.web-1.fetch.2'), 'succeeded');
    assert.equal(await carriedOut('apply', 'r1.web-1.apply.3'), 'succeeded');
    assert.deepEqual(rig.host.paused, [TIMER]);

    assert.equal(await verified(), 'succeeded');
    assert.deepEqual(rig.host.paused, []);
  });

  it('does again at once when it is given up before it is out', async () => {
    rig.host.installed = '1.2.0';
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'not-as-planned');
    assert.deepEqual(rig.host.paused, []);
  });

  it('does not while somebody has to look at it', async () => {
    rig.host.problemAfterInstall = 'Bad configuration option';
    assert.equal(await carriedOut('apply', 'r1.web-1.apply.3'), 'sshd-broken');
    assert.deepEqual(rig.host.paused, [TIMER]);
  });
});
