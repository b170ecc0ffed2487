import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { changeQuarantine } from '../../../controller/runner/change-quarantine.ts';
import type { OperationsParts } from '../../../controller/runner/operations-parts.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { noon } from '../../support/world-of.ts';

const [old, late] = [
  { name: 'zdemo', version: '1.1' },
  { name: 'zdemo', version: '1.2' },
];

describe('the quarantine as a person changes it', () => {
  it('counts in the runner as it is in the store, also where one of several was not there to be lifted', async () => {
    const store = new MemoryStore(() => noon);
    const read: string[][] = [];
    const readQuarantine = async (): Promise<void> => {
      read.push((await store.quarantine()).map(({ version }) => version));
    };
    const parts = { store, runner: { readQuarantine }, clock: { now: () => noon } } as unknown as OperationsParts;
    await changeQuarantine(parts, { add: [old], lift: [], operator: 'ada', reason: 'slow' });

    const lifted = changeQuarantine(parts, { add: [], lift: [old, late], operator: 'ada', reason: '' });

    await assert.rejects(lifted, { code: 'ZDMS_NOT_QUARANTINED', message: 'not quarantined: zdemo=1.2' });
    assert.deepEqual(read, [['1.1'], []]);
  });
});
