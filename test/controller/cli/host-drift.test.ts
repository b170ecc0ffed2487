import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { SurveyedFile } from '../../../controller/core/inventory.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { inventoryOf, shopHosts } from '../../support/world-of.ts';

const asPut: SurveyedFile = { path: '/etc/motd', drift: [] };
const changed: SurveyedFile = { path: '/etc/motd', drift: ['content', 'mode'] };
const gone: SurveyedFile = { path: '/etc/issue', drift: ['gone'] };

describe('files that are no longer as zdms put them', () => {
  let served: ServedOperations;

  beforeEach(async () => (served = await serveOperations()));
  afterEach(() => served.stop());

  /** What the last survey of each host says of files; the others have none. */
  function survey(files: Readonly<Record<string, readonly SurveyedFile[]>>): void {
    served.operations.hostViews = inventoryOf(shopHosts).map(({ host, report: found }) => {
      const survey = found?.survey ? { ...found.survey, files: files[host.id] ?? [] } : null;
      const report = found === null ? null : { ...found, survey };
      return { host, report, connected: true, lastBeatAt: served.operations.now, services: [], reason: null };
    });
  }

  it('are listed once for hosts that have them alike', async () => {
    survey({ 'web-1': [changed, gone], 'web-2': [changed], 'web-3': [asPut] });

    assert.equal(await served.zdms('host', 'drift'), 0);

    assert.match(
      served.terminal.written,
      /\/etc\/issue +gone +1 +web-1\n *\/etc\/motd +other content and mode +2 +web-1 and web-2\n/,
    );
  });

  it('are none, and then it says so', async () => {
    survey({ 'web-1': [asPut] });

    assert.equal(await served.zdms('host', 'drift'), 0);
    assert.equal(await served.zdms('host', 'pending', '--security'), 0);

    assert.equal(served.terminal.written, 'Every file that zdms put on a host is as it put it.\nNothing is pending.\n');
  });

  it('are mentioned to who asks for pending updates', async () => {
    survey({ 'web-1': [changed], 'web-2': [gone] });

    assert.equal(await served.zdms('host', 'pending'), 0);

    assert.match(served.terminal.written, /\nFiles are no longer as zdms put them on 2 hosts: zdms host drift\n$/);
  });

  it('are so many at the most of one host, and the rest is counted', async () => {
    const many = Array.from({ length: 53 }, (_, index) => ({ ...changed, path: `/etc/${index}` }));
    survey({ 'web-1': many });

    assert.equal(await served.zdms('host', 'drift'), 0);

    assert.match(served.terminal.written, /\nweb-1 has 3 more such files\n$/);
    assert.equal(served.terminal.written.split('\n').filter((line) => line.includes('/etc/')).length, 50);
  });

  it('are shown with their host, and the others are counted', async () => {
    survey({ 'web-1': [asPut, { path: '/etc/hosts', drift: ['kind'] }], 'web-2': [asPut] });

    assert.equal(await served.zdms('host', 'show', 'web-1'), 0);
    assert.equal(await served.zdms('host', 'show', 'web-2'), 0);

    assert.match(
      served.terminal.written,
      /\nfiles +2, 1 no longer as zdms put them\n +\/etc\/hosts: no regular file any more\n/,
    );
    assert.match(served.terminal.written, /\nfiles +1, all as zdms put them\n/);
  });
});
