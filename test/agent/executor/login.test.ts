import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { runJob } from '../../../agent/executor/run-job.ts';
import { ExecutorRig, outcomeOf } from './executor-rig.ts';

const TOKEN = 'r1.web-1.step.1';

describe('a way in that would not open again', () => {
  let rig: ExecutorRig;
  beforeEach(() => (rig = new ExecutorRig()));
  afterEach(() => rig.remove());

  async function carriedOut(verb: 'apply' | 'rollback'): Promise<string> {
    await rig.send({ verb });
    await runJob(TOKEN, { paths: rig.paths, platform: rig.host.platform() });
    return outcomeOf(await rig.status());
  }

  it('refuses the host before anything is done', async () => {
    rig.host.loginProblem = 'Bad configuration option';
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'sshd-was-broken');
  });

  for (const verb of ['apply', 'rollback'] as const)
    it(`makes ${verb} a failure of its own when the packages brought it, and nothing is restarted`, async () => {
      const ssh = { unit: 'ssh.service', handling: 'restart', files: ['/usr/sbin/sshd'] } as const;
      rig.host.old = { units: [ssh], manager: [], sessionProcesses: 0, strays: [] };
      rig.host.reboot = { needed: 'no', reasons: [] };
      rig.host.problemAfterInstall = 'Bad configuration option';
      assert.equal(await carriedOut(verb), 'sshd-broken');
      assert.equal(rig.host.installs, 1);
      assert.deepEqual(rig.host.restarts, []);
    });

  it('is mended by a way back that brings sound packages', async () => {
    rig.host.loginProblem = 'Bad configuration option';
    assert.equal(await carriedOut('rollback'), 'succeeded');
  });
});
