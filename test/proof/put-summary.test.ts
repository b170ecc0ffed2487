import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { keyOf, summarisePuts, valueOf, type PutRecord } from '../lab/proof/put-summary.ts';

const PREFIX = 'proof/1/';

function acknowledged(number: number, tookMs = 5): PutRecord {
  return { number, dueAt: number * 100, tookMs, attempts: 1, error: null };
}

function found(...numbers: readonly number[]): Record<string, string> {
  return Object.fromEntries(numbers.map((number) => [keyOf(PREFIX, number), valueOf(number)]));
}

describe('what became of the puts', () => {
  it('is all well when every acknowledged key is there', () => {
    const records = [acknowledged(0), acknowledged(1, 40)];

    const summary = summarisePuts({ prefix: PREFIX, records, readBack: { found: found(0, 1), error: null } });

    assert.deepEqual(summary, { sent: 2, acknowledged: 2, failed: 0, lost: 0, longestMs: 40, firstTroubles: [] });
  });

  it('calls a key lost that was acknowledged and is not there, or holds something else', () => {
    const records = [acknowledged(0), acknowledged(1), acknowledged(2)];
    const there = { ...found(0), [keyOf(PREFIX, 1)]: 'something else' };

    const { lost, firstTroubles } = summarisePuts({ prefix: PREFIX, records, readBack: { found: there, error: null } });

    assert.equal(lost, 2);
    assert.match(firstTroubles[0] ?? '', /put 1: acknowledged, and not there/);
  });

  it('counts a put that nobody acknowledged as failed, and not as lost', () => {
    const records = [acknowledged(0), { ...acknowledged(1), error: 'timed out' }];

    const { failed, lost } = summarisePuts({ prefix: PREFIX, records, readBack: { found: found(0), error: null } });

    assert.deepEqual({ failed, lost }, { failed: 1, lost: 0 });
  });

  for (const readBack of [null, { found: {}, error: 'no answer' }]) {
    it(`does not know what is lost when ${readBack === null ? 'the writer was killed' : 'the keys could not be read'}`, () => {
      const { lost, firstTroubles } = summarisePuts({ prefix: PREFIX, records: [acknowledged(0)], readBack });

      assert.equal(lost, null);
      assert.match(firstTroubles[0] ?? '', /could not be read back/);
    });
  }
});
