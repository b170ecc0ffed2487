import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { patchNaively, patchOverSsh } from './proof/naive.ts';
import { underTraffic } from './proof/traffic.ts';
import { freshVersion, RATE_PER_SECOND, sharedLab } from './shared-lab.ts';

// Last in the order of the files: what it does to the hosts, zdms has not been told.
describe('without zdms', () => {
  it('users notice when hosts are patched and rebooted without a drain: the proof can fail', async () => {
    const lab = await sharedLab();
    const version = await freshVersion(lab.webHosts);

    const { load } = await underTraffic(
      { topology: lab.topology, ratePerSecond: RATE_PER_SECOND, directory: lab.directory },
      () => patchNaively(lab.webHosts, 2, (host) => patchOverSsh(host, version, () => undefined)),
    );

    assert.ok(load.failed > 0);
  });
});
