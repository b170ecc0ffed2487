import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { guessedTime, learnTimes, type PastSlot } from '../../../../controller/core/planning/expected-time.ts';

const minute = 60_000;

/** Slots of one host, newest first, in minutes. */
function slots(host: string, minutes: readonly number[], about: Partial<PastSlot> = {}): readonly PastSlot[] {
  return minutes.map((each) => ({
    ...{ host, hardwareModel: 'R740', reboot: true, heldMs: each * minute, rebootMs: null },
    ...about,
  }));
}

function expectedOf(past: readonly PastSlot[], about: Partial<PastSlot> = {}): number {
  const host = { host: 'web-1', hardwareModel: 'R740', reboot: true, ...about };
  return learnTimes(past)(host) / minute;
}

describe('the expected time of a host', () => {
  it('is what it took the last few times, in the middle: one bad night does not count', () => {
    assert.equal(expectedOf(slots('web-1', [4, 600, 5])), 5);
    assert.equal(expectedOf(slots('web-1', [4, 6, 5, 9])), 5.5);
  });

  it('forgets what it took long ago', () => {
    assert.equal(expectedOf(slots('web-1', [4, 4, 4, 30, 30, 30, 30, 30, 30])), 4);
  });

  it('is that of its hardware model while its own history is short', () => {
    const past = [
      ...slots('web-1', [1, 1]),
      ...slots('web-2', [8, 9]),
      ...slots('db-1', [20, 20, 20], { hardwareModel: 'VM' }),
    ];

    assert.equal(expectedOf(past), 4.5);
    assert.equal(expectedOf(past, { host: 'db-2', hardwareModel: 'VM' }), 20);
  });

  it('is that of the whole fleet for a model that nobody knows, and for none', () => {
    const past = [...slots('web-1', [4, 4]), ...slots('db-1', [10], { hardwareModel: '' })];

    assert.equal(expectedOf(past, { host: 'new-1', hardwareModel: 'R760' }), 4);
    assert.equal(
      expectedOf([...past, ...slots('db-2', [10, 10], { hardwareModel: '' })], { host: 'new-1', hardwareModel: '' }),
      10,
    );
  });

  it('is learned from slots with the same word on reboots alone', () => {
    const past = slots('web-1', [4, 4, 4], { reboot: false });

    assert.equal(expectedOf(past, { reboot: false }), 4);
    assert.equal(expectedOf(past), guessedTime({ reboot: true }) / minute);
  });

  it('is guessed while there is next to no history', () => {
    assert.equal(expectedOf([]), guessedTime({ reboot: true }) / minute);
    assert.equal(expectedOf(slots('web-1', [9, 9]), { reboot: false }), guessedTime({ reboot: false }) / minute);
  });
});
