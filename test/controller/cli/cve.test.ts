import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { PackageState } from '../../../controller/core/inventory.ts';
import type { CveDocument } from '../../../proto/zdms/v1/cve-document.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { inventoryOf, nothingClosed, shopHosts } from '../../support/world-of.ts';

const offer = { version: '1.1.0', sha256: null, downloadBytes: 1, security: true, ...nothingClosed };
const open: PackageState = {
  ...{ name: 'zdemo', installed: '1.0.0', candidate: '1.1.0', held: false },
  offers: [{ ...offer, advisories: ['DSA-5678-1', 'DSA-5679-1', 'DSA-5680-1'], cves: ['CVE-2026-1234'] }],
};
const unread: PackageState = { ...open, name: 'docker-ce', offers: [{ ...offer, advisoriesKnown: false }] };

const golden = `\
CVE-2026-1234: 2 of 8 hosts affected, 1 of them cannot have what closes it, 1 cannot be judged

package  installed  closed by  advisory                           hosts
zdemo    1.0.0      1.1.0      DSA-5678-1, DSA-5679-1 and 1 more  web-1 and web-2

cannot have what closes it
  web-2  zdemo is on hold there. \`apt-mark unhold zdemo\` lets it go

cannot be judged
  web-3  nobody knows which CVEs its updates close (docker-ce 1.1.0): its
      package sources have no changelogs or advisories of them. Plan the
      versions by name

not known what they close
  docker-ce 1.1.0 on web-1
`;

describe('zdms cve', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
    const packages: Readonly<Record<string, readonly PackageState[]>> = {
      'web-1': [open, unread],
      'web-2': [{ ...open, held: true }],
      'web-3': [unread],
    };
    served.operations.hostViews = inventoryOf(shopHosts).map(({ host, report }) => {
      const survey = report?.survey ?? null;
      const found = survey === null ? null : { ...survey, packages: packages[host.id] ?? [] };
      const told = report === null ? null : { ...report, survey: found };
      return { host, report: told, connected: true, lastBeatAt: served.operations.now, services: [], reason: null };
    });
  });
  afterEach(() => served.stop());

  it('tells who is affected, what closes it, who cannot have that, and what is not known', async () => {
    assert.equal(await served.zdms('cve', 'CVE-2026-1234'), 0);

    assert.equal(served.terminal.written, golden);
  });

  it('says so when nobody is known to be affected, and ends well; small letters will do', async () => {
    assert.equal(await served.zdms('cve', 'cve-2026-9999'), 0);

    assert.match(
      served.terminal.written,
      /^CVE-2026-9999: nobody is known to be affected \(8 hosts, 1 cannot be judged\)\n/,
    );
  });

  it('has every host in its document', async () => {
    await served.zdms('cve', 'CVE-2026-1234', '-o', 'json');

    const { affected, unjudged } = JSON.parse(served.terminal.written) as CveDocument;
    assert.deepEqual(
      affected.map(({ host, fix, reason }) => [host, fix, reason?.code ?? null]),
      [
        ['web-1', '1.1.0', null],
        ['web-2', '1.1.0', 'package-held'],
      ],
    );
    assert.deepEqual(
      unjudged.map(({ host }) => host),
      ['web-3'],
    );
  });

  it('refuses what is no id', async () => {
    assert.equal(await served.zdms('cve', 'DSA-5678-1'), 2);

    assert.match(served.terminal.errors, /ZDMS_CVE_INVALID/);
  });
});
