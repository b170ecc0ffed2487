import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { PlanDifferenceDocument } from '../../../proto/zdms/v1/plan-document.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { oneStage, planOf, upgrade } from '../../support/world-of.ts';

const golden = `\
pfffffff -> paaaaaaa
  change  upgrade
  hosts   6 -> 5
  stages  2 -> 1
  waves   4 (at least 4: web) -> 3 (at least 3: web)
  time    about 8m00s (at least 8m00s) -> about 6m00s (at least 6m00s)

no longer changed
  left out: its agent has never reported. \`zdms host install\` puts the agent on it  web-6

versions
  zdemo  1.1.0 -> 1.2.0  web-1

moved
  canary, wave 1 -> all, wave 1  web-1
  rest, wave 2 -> all, wave 1  web-2
  rest, wave 3 -> all, wave 2  web-3 and web-4
  rest, wave 4 -> all, wave 3  web-5

rules that differ
  stages of the change
  barrier of the change
`;

const sameGolden = `\
pfffffff -> pfffffff
  change  upgrade
  hosts   6
  stages  2
  waves   4 (at least 4: web)
  time    about 8m00s (at least 8m00s)

The plans do the same.
`;

describe('zdms diff', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
    const other = planOf({ change: { ...upgrade, stages: oneStage, barrier: true } });
    const hosts = other.hosts
      .filter((each) => each.host !== 'web-6')
      .map((each) =>
        each.host === 'web-1'
          ? { ...each, packages: each.packages.map((one) => ({ ...one, version: '1.2.0' })) }
          : each,
      );
    const leftOut = [{ host: 'web-6', reason: { code: 'no-report' } as const }];
    served.operations.otherPlans = [{ ...other, hash: 'a'.repeat(64), hosts, leftOut }];
  });

  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  it('tells hosts, versions, places, rules and time', async () => {
    assert.equal(await served.zdms('diff', 'pffff', 'paaaa'), 0);

    assert.equal(served.terminal.written, golden);
  });

  it('says so when there is nothing to tell', async () => {
    await served.zdms('diff', 'pffff', 'pffff');

    assert.equal(served.terminal.written, sameGolden);
  });

  it('prints the document for programs', async () => {
    await served.zdms('diff', 'pffff', 'paaaa', '-o', 'json');

    const { removed, moved } = JSON.parse(served.terminal.written) as PlanDifferenceDocument;
    assert.equal(removed[0]?.reason?.code, 'no-report');
    assert.equal(moved.length, 5);
  });

  it('ends with 2 for what is no name of a plan', async () => {
    assert.equal(await served.zdms('diff', 'pffff', 'change.yaml'), 2);
    assert.match(served.terminal.errors, /`change.yaml` is not the name of a plan/);
  });

  it('plans with a barrier where that is asked for', async () => {
    const file = join(temporaryDirectory(), 'change.yaml');
    writeFileSync(file, 'where: all\n');

    assert.equal(await served.zdms('plan', file, '--barrier'), 0);

    assert.deepEqual(served.operations.asked, [`plan ${file} 11 barrier`]);
  });
});
