import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { FileDifference } from '../../../proto/zdms/v1/executor.ts';
import type { FileComparisonDocument, PlanDocument } from '../../../proto/zdms/v1/plan-document.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { planOf, upgrade } from '../../support/world-of.ts';

const nothing = { rights: [], diff: '', moreLines: 0, detail: '' };
const same: FileDifference = { ...nothing, path: '/etc/motd', kind: 'same' };
const changed: FileDifference = {
  ...{ path: '/etc/motd', kind: 'changed', rights: ['mode 0600 -> 0644'], detail: '', moreLines: 12 },
  diff: '@@ -1,2 +1,2 @@\n one\n-two\n+2',
};
const hidden: FileDifference = { ...nothing, path: '/etc/key', kind: 'changed', detail: 'mode 0600' };
const added: FileDifference = { ...nothing, path: '/etc/issue', kind: 'new', diff: '@@ -0,0 +1,1 @@\n+x' };
const unfit: FileDifference = { ...nothing, path: '/etc/issue', kind: 'unfit', detail: 'its directory is a link' };

const golden = `\
/etc/issue  new  on web-1
  @@ -0,0 +1,1 @@
  +x

/etc/issue  on web-3
  could not be put there now: its directory is a link

/etc/key  on web-3
  its content changes (not shown: mode 0600)

/etc/motd  on web-1, web-2
  mode 0600 -> 0644
  @@ -1,2 +1,2 @@
   one
  -two
  +2
  … 12 more lines

nothing changes in files on web-4
web-5 could not be asked: no route
not asked: web-6
`;

const motd = {
  ...{ path: '/etc/motd', content: '2\n', template: false, mode: 0o644, owner: 'root', group: 'root', drain: false },
  then: { kind: 'nothing' },
} as const;

describe('zdms diff with one plan', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
    served.operations.storedPlan = planOf({ change: { ...upgrade, files: [motd] } });
    served.operations.hostFiles = [
      { host: 'web-1', files: [changed, added] },
      { host: 'web-2', files: [changed] },
      { host: 'web-3', files: [same, hidden, unfit] },
      { host: 'web-4', files: [same] },
      { host: 'web-5', silent: 'no route' },
    ];
    served.operations.notAsked = ['web-6'];
  });
  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  it('shows once what changes on hosts alike, and who could not be asked', async () => {
    assert.equal(await served.zdms('diff', 'pffff'), 0);

    assert.deepEqual(served.operations.asked, ['compareFiles ffff']);
    assert.equal(served.terminal.written, golden);
  });

  it('prints the document for programs', async () => {
    await served.zdms('diff', 'pffff', '-o', 'json');

    const { differences, same, silent } = JSON.parse(served.terminal.written) as FileComparisonDocument;
    assert.deepEqual(differences.at(-1), { ...changed, hosts: ['web-1', 'web-2'] });
    assert.deepEqual([same, silent], [['web-4'], [{ host: 'web-5', because: 'no route' }]]);
  });

  it('ends somewhere in a fleet in which each host differs', async () => {
    served.operations.hostFiles = Array.from({ length: 301 }, (_, index) => {
      return { host: `web-${index}`, files: [{ ...added, diff: `+${index}` }] };
    });

    await served.zdms('diff', 'pffff');

    assert.match(served.terminal.written, /\n… 1 more difference\n/);
  });

  function changeFile(): string {
    const file = join(temporaryDirectory(), 'change.yaml');
    writeFileSync(file, 'where: all\n');
    return file;
  }

  it('is named by `plan`, which shows the same where that is asked for', async () => {
    await served.zdms('plan', changeFile());
    assert.match(
      served.terminal.written,
      /\nWhat changes in the files: zdms diff pfffffff\nNext: zdms apply pfffffff\n$/,
    );

    served.terminal.written = '';
    await served.zdms('plan', changeFile(), '--diff');
    assert.ok(served.terminal.written.endsWith(`\n${golden}\nNext: zdms apply pfffffff\n`), served.terminal.written);

    served.terminal.written = '';
    await served.zdms('plan', changeFile(), '--diff', '-o', 'json');
    const { hash, fileDifferences } = JSON.parse(served.terminal.written) as PlanDocument & {
      readonly fileDifferences: FileComparisonDocument;
    };
    assert.deepEqual([fileDifferences.plan, fileDifferences.notAsked], [hash, ['web-6']]);
  });

  it('is nothing to `plan` where it brings no files', async () => {
    served.operations.storedPlan = planOf();

    assert.equal(await served.zdms('plan', changeFile(), '--diff'), 0);

    assert.match(served.terminal.written, /\n\nNext: zdms apply pfffffff\n$/);
    assert.equal(
      served.operations.asked.some((each) => each.startsWith('compareFiles')),
      false,
    );
  });
});
