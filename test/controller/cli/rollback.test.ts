import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { parseChange } from '../../../controller/config/change-file.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';

describe('zdms rollback', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
    served.operations.begin();
  });
  afterEach(() => served.stop());

  it('plans the way back of the last rollout, on all hosts in one stage, and carries it out', async () => {
    const { operations } = served;
    const { id } = (await operations.rollout('')).rollout;
    operations.asked.length = 0;

    assert.equal(await served.zdms('rollback', '--yes', '--detach'), 0);

    const change = parseChange(operations.texts[0] ?? '', `undo-${id}.yaml`);
    assert.deepEqual([change.packages, change.where], [{ undo: id }, { kind: 'all' }]);
    assert.deepEqual(
      change.stages.map(({ pick }) => pick),
      [{ kind: 'all' }],
    );
    assert.equal(operations.asked.at(-1), `apply ${'f'.repeat(64)} ada`);
  });

  it('plans it for these hosts alone, when told', async () => {
    assert.equal(await served.zdms('rollback', '--host', 'web-1', 'web-2', '--yes', '--detach'), 0);

    const { where } = parseChange(served.operations.texts[0] ?? '', 'c');
    assert.deepEqual(where, { kind: 'ids', ids: ['web-1', 'web-2'] });
  });

  it('does nothing unasked', async () => {
    assert.equal(await served.zdms('rollback'), 2);

    assert.deepEqual(served.operations.texts, []);
  });
});
