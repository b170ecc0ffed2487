import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { PastSlot } from '../../../../controller/core/planning/expected-time.ts';
import { learnRebootDeadlines } from '../../../../controller/core/planning/reboot-deadline.ts';

const second = 1000;
const minute = 60 * second;
const configuredMs = 10 * minute;
const hour = 60 * minute;

/** Reboots of hosts of one model, newest first. */
function reboots(timesMs: readonly (number | null)[], hardwareModel = 'R740'): readonly PastSlot[] {
  return timesMs.map((rebootMs, index) => ({
    ...{ host: `h-${index}`, hardwareModel, reboot: true, heldMs: hour, rebootMs },
  }));
}

function times(count: number, ms: number): readonly number[] {
  return new Array<number>(count).fill(ms);
}

function deadlineOf(past: readonly PastSlot[], about: { hardwareModel?: string; getsFirmware?: boolean } = {}) {
  return learnRebootDeadlines(past, configuredMs)({ hardwareModel: 'R740', getsFirmware: false, ...about });
}

describe("the deadline of a host's reboot", () => {
  it('is as configured while its model has hardly been rebooted', () => {
    assert.equal(deadlineOf([]), null);
    assert.equal(deadlineOf(reboots(times(4, 14 * minute))), null);
    assert.equal(deadlineOf(reboots([...times(4, 14 * minute), null, null])), null);
  });

  it('becomes three times as long as the slow ones of a slow model took', () => {
    assert.equal(deadlineOf(reboots([8, 9, 8, 14, 9].map((each) => each * minute))), 42 * minute);
  });

  it('is never longer than an hour, unless somebody configured that', () => {
    const slow = reboots(times(5, 50 * minute));

    assert.equal(deadlineOf(slow), hour);
    assert.equal(learnRebootDeadlines(slow, 2 * hour)({ hardwareModel: 'R740', getsFirmware: false }), null);
  });

  it('becomes shorter only with plenty of history, and never by more than half', () => {
    assert.equal(deadlineOf(reboots(times(19, 20 * second))), null);
    assert.equal(deadlineOf(reboots(times(20, 20 * second))), 5 * minute);
    assert.equal(deadlineOf(reboots(times(20, 2 * minute))), 6 * minute);
  });

  it('leaves a minute beyond the slow ones, however short what is configured', () => {
    const past = reboots(times(20, second));
    const at = (ms: number): number | null =>
      learnRebootDeadlines(past, ms)({ hardwareModel: 'R740', getsFirmware: false });

    assert.equal(at(40 * second), null);
    assert.equal(at(70 * second), 61 * second);
  });

  it('is not made long by one slow boot in twenty', () => {
    assert.equal(deadlineOf(reboots([hour, ...times(19, 2 * minute)])), 6 * minute);
    assert.equal(deadlineOf(reboots([hour, hour, ...times(18, 2 * minute)])), hour);
  });

  it('forgets what was long ago', () => {
    assert.equal(deadlineOf(reboots([...times(99, 2 * minute), ...times(99, hour)])), 6 * minute);
  });

  it('is not made shorter for a host that gets firmware, which is written while it boots', () => {
    assert.equal(deadlineOf(reboots(times(20, 20 * second)), { getsFirmware: true }), null);
    assert.equal(deadlineOf(reboots(times(5, 12 * minute)), { getsFirmware: true }), 36 * minute);
  });

  it('is that of its own model alone, and of none for hosts whose model is unknown', () => {
    const past = [...reboots(times(20, 14 * minute), 'R740'), ...reboots(times(20, 14 * minute), '')];

    assert.equal(deadlineOf(past, { hardwareModel: 'VM' }), null);
    assert.equal(deadlineOf(past, { hardwareModel: '' }), null);
  });

  it('leaves room, whatever the history: for nineteen in twenty of what was seen, and for half of what is configured', () => {
    const anyTimes = fc.array(fc.integer({ min: 1, max: 2 * hour }), { maxLength: 99 });
    fc.assert(
      fc.property(anyTimes, fc.integer({ min: second, max: 2 * hour }), (seen, configured) => {
        const learned = learnRebootDeadlines(reboots(seen), configured)({ hardwareModel: 'R740', getsFirmware: false });
        const deadlineMs = learned ?? configured;

        assert.ok(deadlineMs >= configured / 2 && deadlineMs <= Math.max(configured, hour));
        assert.ok(seen.length >= 20 || deadlineMs >= configured, 'shorter only with plenty of history');
        if (learned === null || learned === hour) return;
        assert.ok(seen.filter((each) => each < learned).length >= 0.95 * seen.length);
      }),
    );
  });
});
