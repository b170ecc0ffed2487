import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { firstInterruptions, runPairs } from './crash-pairs.ts';

/** The ordinary share of what `pairs.ts` searches longer. */
const pairs = 200;
const seed = 1;

describe('a controller whose predecessor was interrupted', function () {
  this.timeout(300_000);

  it(`is interrupted itself, ${pairs} times somewhere in its recovery, and no harm is done`, async () => {
    const results = [];
    for (const first of await firstInterruptions(pairs, seed)) results.push(await runPairs(first));

    assert.deepEqual(
      results.flatMap((result) => result.broken),
      [],
    );
    assert.ok(results.reduce((sum, result) => sum + result.pairs, 0) >= 0.9 * pairs);
  });

  it('is interrupted at other points with another seed, and at all of them when there are enough', async () => {
    const [one, other, all] = await Promise.all(
      [1, 2].map((each) => firstInterruptions(10, each)).concat(firstInterruptions(4000, 1)),
    );

    assert.notDeepEqual(one, other);
    assert.equal(one?.length, 10);
    assert.ok((all?.length ?? 0) > 1500 && all?.every((each) => each.seconds >= 1));
  });
});
