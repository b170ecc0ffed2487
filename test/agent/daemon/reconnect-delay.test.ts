import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { reconnectCeilingMs, reconnectDelayMs, settingsDeadlineMs } from '../../../agent/daemon/reconnect-delay.ts';

const attempts = fc.integer({ min: 0, max: 1000 });
const fleets = fc.integer({ min: 0, max: 100_000 });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait before a reconnect', () => {
  it('lies anywhere from 0 to its ceiling', () => {
    fc.assert(
      fc.property(attempts, fleets, randoms, (attempt, fleetSize, random) => {
        const delayMs = reconnectDelayMs(attempt, fleetSize, () => random);
        assert.ok(delayMs >= 0 && delayMs <= reconnectCeilingMs(attempt, fleetSize));
        assert.equal(
          reconnectDelayMs(attempt, fleetSize, () => 0),
          0,
        );
      }),
    );
  });

  it('spreads a whole fleet so that the controller gets at most 200 connections a second', () => {
    fc.assert(
      fc.property(fleets, (fleetSize) => assert.ok(reconnectCeilingMs(0, fleetSize) >= (fleetSize / 200) * 1000)),
    );
  });

  it('has a ceiling that never falls from one attempt to the next, and stays at 30 s in fleets that allow it', () => {
    fc.assert(
      fc.property(attempts, fleets, (attempt, fleetSize) => {
        const ceilingMs = reconnectCeilingMs(attempt, fleetSize);
        assert.ok(reconnectCeilingMs(attempt + 1, fleetSize) >= ceilingMs);
        assert.ok(ceilingMs <= Math.max(30_000, (fleetSize / 200) * 1000));
      }),
    );
  });

  it('is short in a small fleet', () => assert.equal(reconnectCeilingMs(0, 9), 250));
});

describe('the deadline for first settings', () => {
  it('is 5 s in a small fleet and longer in a large one, but never over 30 s', () => {
    assert.equal(settingsDeadlineMs(0), 5000);
    assert.equal(settingsDeadlineMs(2000), 15_000);
    assert.equal(settingsDeadlineMs(100_000), 30_000);
  });
});
