import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { inventoryOf, shopHosts } from '../../support/world-of.ts';

function ids(advisories: readonly string[], cves: readonly string[]) {
  return { advisories, cves, advisoriesKnown: true };
}

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

  it('says what an update closes: advisories first, and the first few of many', async () => {
    served.operations.hostViews = served.operations.hostViews.map((view) => {
      const survey = view.report?.survey ?? null;
      if (view.report === null || survey === null) return view;
      const cves = Array.from({ length: 20 }, (_, at) => `CVE-2026-${1000 + at}`);
      const packages = survey.packages.map((state) => ({
        ...state,
        offers: [{ version: '1.1.0', sha256: null, downloadBytes: 1, security: true, ...ids(['DSA-5678-1'], cves) }],
      }));
      return { ...view, report: { ...view.report, survey: { ...survey, packages } } };
    });

    assert.equal(await served.zdms('host', 'pending', '--security'), 0);

    assert.match(served.terminal.written, /zdemo +1\.1\.0 +security +DSA-5678-1, CVE-2026-1000, 19 more +8 +lb-1/);
  });

  it('marks what is quarantined, which no rollout brings', async () => {
    await served.zdms('quarantine', 'add', 'zdemo=1.1.0', '--reason', 'leaks');

    assert.equal(await served.zdms('host', 'pending'), 0);

    assert.match(served.terminal.written, /zdemo +1\.1\.0 +quarantined +8 +lb-1/);
  });

  it('lists security updates alone, when asked', async () => {
    assert.equal(await served.zdms('host', 'pending', '--security'), 0);

    assert.equal(served.terminal.written, 'Nothing is pending.\n');
  });
});
