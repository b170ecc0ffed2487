import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { WhatIfDocument } from '../../../proto/zdms/v1/documents.ts';
import { halfWay } from '../../support/rollout-facts.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories } from '../../support/temporary-directory.ts';

const golden = `\
without web-5 and web-6
\`web\`: no more could be taken out, waits: \`web\` allows 2 out at once and these do not serve: web-5 (it would be lost) and web-6 (it would be lost)

group  size     out  may be out  more could go  healthy voters
web       6  0 -> 2           2         2 -> 0               -

assumed to be as declared, since nobody has looked of late: the pool of \`web\` on lb-1 and the pool of \`web\` on lb-2
`;

const overGolden = `\
without web-1, web-2, web-3, web-4, web-5 and web-6
OVER BUDGET: \`web\` would lack 6 and may lack 2
`;

describe('zdms what-if', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
  });

  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  it('tells what would be left, what is assumed, and that no rollout is concerned', async () => {
    served.operations.now += 10_000;

    assert.equal(await served.zdms('what-if', '--lose', 'zone=c'), 0);

    assert.equal(served.terminal.written, golden);
  });

  it('begins with what would be overdrawn', async () => {
    await served.zdms('what-if', '--lose', 'role=web');

    assert.ok(served.terminal.written.startsWith(overGolden), served.terminal.written);
  });

  it('says which rollouts would wait, for what, and whom they would miss', async () => {
    halfWay(served.operations);

    await served.zdms('what-if', '--lose', 'web-2', '--lose', 'zone=b,rack=b1');

    assert.match(served.terminal.written, /^without web-2, web-3, web-4 and lb-2\n/);
    assert.match(
      served.terminal.written,
      /rollout r1 \(upgrade, running\) would wait\n {2}web-2 {2}out there and lost/,
    );
    assert.match(served.terminal.written, /\n {2}web-5 and web-6 {2}waits: `web` allows 2 out at once/);
  });

  it('prints the document for programs', async () => {
    await served.zdms('what-if', '--lose', 'web-1', '-o', 'json');

    const { lost, groups } = JSON.parse(served.terminal.written) as WhatIfDocument;
    assert.deepEqual(lost, ['web-1']);
    assert.deepEqual(
      groups.map(({ group, after, isOverBudget }) => [group, after.mayTake, isOverBudget]),
      [['web', 1, false]],
    );
  });

  it('ends with 2 for what names no hosts', async () => {
    assert.equal(await served.zdms('what-if'), 2);
    assert.equal(await served.zdms('what-if', '--lose', 'Rack=b2'), 2);
    assert.match(served.terminal.errors, /`Rack=b2` is neither a host nor LEVEL=VALUE/);
  });
});
