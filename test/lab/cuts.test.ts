import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { complaintsOf, cutRollout, hostsOf, prepareCuts } from './cuts/cut-rollout.ts';
import { sharedLab } from './shared-lab.ts';

const CUTS = 20;
/** Spread over the five seconds that a run takes at least: its launch, apt's work, and the maintainer script. */
const EVERY_SECONDS = 0.24;

describe('a connection that is cut while a host is patched', () => {
  before('build the lab', () => sharedLab('misfortunes'));

  it(`at any of ${CUTS} moments: every run ends installed, and none is done again`, async () => {
    const lab = await sharedLab('misfortunes');
    await prepareCuts(lab, 1);
    const offsets = hostsOf(lab)
      .slice(0, CUTS)
      .map((host, index) => [host, index * EVERY_SECONDS] as const);
    assert.equal(offsets.length, CUTS);

    const cuts = await cutRollout(lab, 1, new Map(offsets));

    assert.deepEqual(
      cuts.flatMap((cut) => complaintsOf(cut, 1)),
      [],
    );
  });
});
