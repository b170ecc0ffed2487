import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { complaintsOf, cutRollout, hostsOf, prepareCuts } from '../lab/cuts/cut-rollout.ts';
import type { ZdmsLab } from '../lab/proof/zdms-lab.ts';
import { sharedLab, endSharedLab } from '../lab/shared-lab.ts';
import { needsLab } from '../support/lab-guard.ts';

const CUTS = 200;
const AT_ONCE = 20;
const ROUNDS = CUTS / AT_ONCE;
/** All of them together go through the five seconds that a run takes at least. */
const EVERY_SECONDS = 4.9 / CUTS;
const DEADLINE_MS = 2 * 3_600_000;

describe('a connection that is cut while a host is patched', function () {
  this.timeout(DEADLINE_MS);
  let lab: ZdmsLab;

  before('build the lab', async function () {
    needsLab(this);
    lab = await sharedLab('misfortunes');
    await prepareCuts(lab, ROUNDS);
  });
  after('take the lab down', endSharedLab);

  // Neighbouring moments are on different hosts and in different rounds, so that no moment hangs on one host.
  for (let round = 1; round <= ROUNDS; round += 1)
    it(`at ${AT_ONCE} of ${CUTS} moments (${round} of ${ROUNDS}): every run ends installed, and none is done again`, async () => {
      const offsets = hostsOf(lab)
        .slice(0, AT_ONCE)
        .map((host, index) => [host, (index * ROUNDS + round - 1) * EVERY_SECONDS] as const);

      const cuts = await cutRollout(lab, round, new Map(offsets));

      assert.deepEqual(
        cuts.flatMap((cut) => complaintsOf(cut, round)),
        [],
      );
    });
});
