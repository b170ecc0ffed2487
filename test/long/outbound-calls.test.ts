import { describe, it } from 'mocha';
import { tryEveryCall } from '../simulation/crash/call-mishaps.ts';
import { referenceRollouts, undoneRollout } from '../simulation/crash/reference-rollouts.ts';

describe('whatever becomes of any one call of a rollout, each repeated question included, it is done once or its host says why not', function () {
  this.timeout(3_600_000);

  it('where web hosts are patched', () => tryEveryCall(referenceRollouts.web, Infinity));

  it('where voters are patched', () => tryEveryCall(referenceRollouts.voters, Infinity));

  it('where the change is undone', () => tryEveryCall(undoneRollout, Infinity, (call) => call.verb === 'rollback'));
});
