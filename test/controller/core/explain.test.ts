import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { explain } from '../../../controller/core/explain.ts';
import { reasonSamples } from '../../support/reason-samples.ts';
import { noon } from '../../support/world-of.ts';

describe('explain', () => {
  for (const [code, [reason, sentence]] of Object.entries(reasonSamples)) {
    it(`has a sentence for ${code}`, () => {
      assert.equal(explain(reason, noon), sentence);
    });
  }

  it('names six hosts at most', () => {
    const out = Array.from({ length: 40 }, (_, index) => `web-${index + 1}`);

    const sentence = explain({ code: 'budget-spent', group: 'web', maxOut: 40, out }, noon);

    assert.match(sentence, /web-6 and 34 more are out/);
  });
});
