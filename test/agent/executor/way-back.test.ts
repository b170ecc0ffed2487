import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { runJob } from '../../../agent/executor/run-job.ts';
import { ExecutorRig, outcomeOf, previous } from './executor-rig.ts';

describe('a host of which the previous version is not to be had', () => {
  const token = 'r1.web-1.fetch.2';
  let rig: ExecutorRig;
  beforeEach(() => {
    rig = new ExecutorRig();
    rig.host.missingWayBack = [previous];
  });
  afterEach(() => rig.remove());

  async function fetched() {
    await rig.send({ verb: 'fetch' }, { token });
    await runJob(token, { paths: rig.paths, platform: rig.host.platform() });
    return rig.status(token);
  }

  it('is not patched where the order wants a way back', async () => {
    assert.equal(outcomeOf(await fetched()), 'no-way-back');
  });

  it('is patched where it does not, and the step says so', async () => {
    rig.order = { ...rig.order, wayBackRequired: false };

    const reply = await fetched();

    assert.equal(outcomeOf(reply), 'succeeded');
    const { remarks } = reply.kind === 'finished' ? reply.outcome.evidence : { remarks: [] };
    assert.match(remarks.join('\n'), /^no way back: zdemo 1\.0\.0/m);
  });
});
