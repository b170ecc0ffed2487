import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { patchNaively } from './proof/naive.ts';
import { underTraffic } from './proof/traffic.ts';
import { freshVersion, RATE_PER_SECOND, sharedLab } from './shared-lab.ts';

// Last in the order of the files: what it does to the hosts, zdms has not been told.
describe('without zdms', () => {
  it('users notice when hosts are patched and rebooted without a drain: the proof can fail', async () => {
    const lab = await sharedLab();
    const version = await freshVersion(lab);

    const { load } = await underTraffic(
      { topology: lab.topology, ratePerSecond: RATE_PER_SECOND, directory: lab.directory },
      () => patchNaively(lab.webHosts, version, 2, () => undefined),
    );

    assert.ok(load.failed > 0);
  });
});
