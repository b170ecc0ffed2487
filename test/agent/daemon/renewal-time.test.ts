import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { renewalTime } from '../../../agent/daemon/renewal-time.ts';

describe('the time to renew a certificate', () => {
  it('is at 50 to 66 % of its life', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const time = renewalTime({ notBefore: 1000, notAfter: 2000 }, () => random);
        assert.ok(time >= 1500 && time <= 1660);
      }),
    );
  });
});
