import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { inventoryOf, shopHosts } from '../../support/world-of.ts';

describe('zdms host pending', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
    served.operations.hostViews = inventoryOf(shopHosts).map(({ host, report }) => {
      return { host, report, connected: true, lastBeatAt: served.operations.now, services: [], reason: null };
    });
  });
  afterEach(() => served.stop());

  it('lists each update once, with the hosts that it is for', async () => {
    assert.equal(await served.zdms('host', 'pending'), 0);

    assert.match(served.terminal.written, /zdemo +1\.1\.0 +8 +lb-1, lb-2, web-1 and 5 more/);
  });

  it('lists security updates alone, when asked', async () => {
    assert.equal(await served.zdms('host', 'pending', '--security'), 0);

    assert.equal(served.terminal.written, 'Nothing is pending.\n');
  });
});
