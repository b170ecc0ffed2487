import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { tryEveryCall } from './call-mishaps.ts';
import { referenceRollouts, undoneRollout } from './reference-rollouts.ts';

/** What is asked again and again has its mishaps so often here; in test/long/ all of it has. */
const askedMax = 2;
const ofWebHosts = [
  'preflight',
  'fetch',
  'apply',
  'reboot',
  'verify',
  'status',
  'pool show',
  'pool drain',
  'pool open',
];

describe('whatever becomes of any one call of a rollout, it is done once or its host says why not', function () {
  this.timeout(300_000);

  it('where web hosts are patched', async () => {
    const names = await tryEveryCall(referenceRollouts.web, askedMax);

    assert.deepEqual([...names].sort(), ofWebHosts.sort());
  });

  it('where voters are patched', async () => {
    const names = await tryEveryCall(referenceRollouts.voters, askedMax);

    assert.ok(names.has('quorum show') && names.has('quorum moveLeader'));
  });

  it('where the change is undone', async () => {
    // Anything else that fails there is undone too, and not tried again.
    const names = await tryEveryCall(undoneRollout, askedMax, (call) => call.verb === 'rollback');

    assert.ok(names.has('rollback'));
  });
});
