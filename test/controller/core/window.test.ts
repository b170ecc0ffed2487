import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { MaintenanceWindow } from '../../../controller/core/fleet.ts';
import type { Interval } from '../../../controller/core/intervals.ts';
import { longestFit, openingsFrom, windowRefusals } from '../../../controller/core/window.ts';
import { windowOf } from '../../support/window-of.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** "2026-03-28T21:00Z" */
function at(text: string): number {
  return Date.parse(text);
}

/** The first openings from a moment on, as people write them. */
function shown(window: string | readonly string[], from: string, count = 1): readonly string[] {
  const windows = [window].flat().map(windowOf);
  return openingsFrom(windows, at(from))
    .slice(0, count)
    .map((each) => [each.from, each.to].map((time) => new Date(time).toISOString().slice(5, 16)).join(' to '));
}

describe('a maintenance window', () => {
  it('opens at its hours on its days, by the clock of its zone', () => {
    assert.deepEqual(shown('Tue,Wed 10:00-12:30 Europe/Berlin', '2026-01-19T00:00Z', 3), [
      '01-20T09:00 to 01-20T11:30',
      '01-21T09:00 to 01-21T11:30',
      '01-27T09:00 to 01-27T11:30',
    ]);
    assert.deepEqual(shown('Tue 10:00-12:00 Asia/Kathmandu', '2026-01-19T00:00Z'), ['01-20T04:15 to 01-20T06:15']);
  });

  it('goes on after midnight on the day after the one that it names', () => {
    assert.deepEqual(shown('Tue,Wed 22:00-05:00 Europe/Berlin', '2026-01-19T00:00Z', 3), [
      '01-20T21:00 to 01-21T04:00',
      '01-21T21:00 to 01-22T04:00',
      '01-27T21:00 to 01-28T04:00',
    ]);
    assert.deepEqual(shown('Sat 22:00-05:00 UTC', '2026-01-18T04:59Z'), ['01-18T04:59 to 01-18T05:00']);
  });

  it('is a whole day where it ends when it begins', () => {
    assert.deepEqual(shown('Sat 06:00-06:00 UTC', '2026-01-19T00:00Z'), ['01-24T06:00 to 01-25T06:00']);
  });

  it('is an hour shorter in the night in which clocks go forward, and begins as ever a day later', () => {
    assert.deepEqual(shown('Sat,Sun 22:00-05:00 Europe/Berlin', '2026-03-28T12:00Z', 2), [
      '03-28T21:00 to 03-29T03:00',
      '03-29T20:00 to 03-30T03:00',
    ]);
  });

  it('is an hour longer in the night in which clocks go back', () => {
    assert.deepEqual(shown('Sat,Sun 22:00-05:00 Europe/Berlin', '2026-10-24T12:00Z', 2), [
      '10-24T20:00 to 10-25T04:00',
      '10-25T21:00 to 10-26T04:00',
    ]);
  });

  it('does not come where its hour is left out, and comes twice where its hour does', () => {
    assert.deepEqual(shown('Sun 02:00-03:00 Europe/Berlin', '2026-03-28T12:00Z'), ['04-05T00:00 to 04-05T01:00']);
    assert.deepEqual(shown('Sun 02:00-03:00 Europe/Berlin', '2026-10-24T12:00Z'), ['10-25T00:00 to 10-25T02:00']);
    assert.deepEqual(shown('Sun 02:30-02:45 Europe/Berlin', '2026-10-24T12:00Z', 3), [
      '10-25T00:30 to 10-25T00:45',
      '10-25T01:30 to 10-25T01:45',
      '11-01T01:30 to 11-01T01:45',
    ]);
  });

  it('opens on 29 February', () => {
    assert.deepEqual(shown('Tue 22:00-02:00 Europe/Berlin', '2028-02-28T00:00Z'), ['02-29T21:00 to 03-01T01:00']);
    assert.deepEqual(shown('Mon 22:00-02:00 Europe/Berlin', '2028-02-28T23:30Z'), ['02-28T23:30 to 02-29T01:00']);
  });

  it('is one with those that it overlaps or meets, also over midnight and over zones', () => {
    const meeting = ['Mon 20:00-23:00 UTC', 'Mon 22:00-00:00 UTC', 'Tue 01:00-03:00 Europe/Berlin'];
    assert.deepEqual(shown(meeting, '2026-01-19T00:00Z'), ['01-19T20:00 to 01-20T02:00']);
    assert.deepEqual(shown('Mon-Fri 00:00-00:00 UTC', '2026-01-18T00:00Z'), ['01-19T00:00 to 01-24T00:00']);
  });

  it('that is always open has no end', () => {
    const [first, ...more] = openingsFrom([windowOf('daily 00:00-00:00 Europe/Berlin')], at('2026-03-20T12:34Z'));

    assert.deepEqual([first?.from, more], [at('2026-03-20T12:34Z'), []]);
    assert.ok((first?.to ?? 0) >= at('2026-03-20T12:34Z') + 14 * day);
  });
});

describe('a host', () => {
  const nights = [windowOf('Tue,Wed 22:00-05:00 UTC')];
  const opens = at('2026-01-20T22:00Z');
  const closes = at('2026-01-21T05:00Z');
  const opensAgain = at('2026-01-21T22:00Z');
  const refusalAt = (now: number, expectedMs: number, shownAt = now): ReturnType<ReturnType<typeof windowRefusals>> =>
    windowRefusals(nights, now, shownAt)(expectedMs);

  it('may be taken out whenever it is expected to be back before the window closes', () => {
    assert.equal(refusalAt(opens, 7 * hour), null);
    assert.equal(refusalAt(closes - hour, hour), null);
    assert.deepEqual(refusalAt(closes - hour, hour + 1), {
      code: 'window-too-short',
      expectedMs: hour + 1,
      endsAt: closes,
      until: opensAgain,
    });
  });

  it('waits for the next opening while the window is closed', () => {
    assert.deepEqual(refusalAt(opens - 1, 1), { code: 'outside-window', until: opens });
    assert.deepEqual(refusalAt(closes, 1), { code: 'outside-window', until: opensAgain });
  });

  it('may go at any time where there is no window', () => {
    assert.equal(windowRefusals([], opens - 1, opens)(100 * day), null);
    assert.equal(longestFit([], opens), Infinity);
  });

  it('is told of the first opening that has room for it', () => {
    const windows = [windowOf('daily 12:00-13:00 UTC'), windowOf('Sat 20:00-02:00 UTC')];
    const refusal = windowRefusals(windows, at('2026-01-20T12:30Z'), 0);

    assert.deepEqual(refusal(3 * hour), {
      code: 'window-too-short',
      expectedMs: 3 * hour,
      endsAt: at('2026-01-20T13:00Z'),
      until: at('2026-01-24T20:00Z'),
    });
  });

  it('fits into a window but for the minute in which it is taken', () => {
    assert.equal(longestFit(nights, opens - day), 7 * hour - minute);
    assert.equal(longestFit([...nights, windowOf('Tue 05:00-06:00 UTC')], opens - day), 7 * hour - minute);
    assert.equal(longestFit([...nights, windowOf('Wed 05:00-06:00 UTC')], opens - day), 8 * hour - minute);
  });

  it('fits by the longest window also while that one is about to close', () => {
    assert.equal(longestFit([windowOf('Tue 22:00-05:00 UTC')], closes - minute), 7 * hour - minute);
  });
});

describe('a clock that is set back', () => {
  const nights = [windowOf('Tue,Wed 22:00-05:00 UTC')];
  const closes = at('2026-01-21T05:00Z');

  it('does not open a window again whose end it has shown', () => {
    assert.deepEqual(windowRefusals(nights, closes - hour, closes)(minute), {
      code: 'outside-window',
      until: at('2026-01-21T22:00Z'),
    });
    assert.equal(windowRefusals(nights, closes - hour, closes - 1)(0), null);
  });

  it('makes no window longer', () => {
    const refusal = windowRefusals(nights, closes - hour, closes - 10 * minute);

    assert.equal(refusal(10 * minute), null);
    assert.equal(refusal(11 * minute)?.code, 'window-too-short');
  });

  it('from a later window leaves the present one closed', () => {
    assert.deepEqual(windowRefusals(nights, closes - hour, at('2026-01-21T23:00Z'))(minute), {
      code: 'outside-window',
      until: at('2026-01-27T22:00Z'),
    });
  });
});

/** What a clock on the wall shows: the day of the week, and minutes after midnight. */
interface WallClock {
  readonly day: number;
  readonly minute: number;
}

const neverShown: WallClock = { day: -1, minute: -1 };
const walkedMinutes = 14 * 24 * 60;
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const clocksRead = new Map<string, readonly WallClock[]>();

/** The clocks of a zone at each minute of two weeks. */
function wallClocks(timeZone: string, from: number): readonly WallClock[] {
  const key = `${timeZone} ${from}`;
  const read = clocksRead.get(key) ?? readWallClocks(timeZone, from);
  clocksRead.set(key, read);
  return read;
}

function readWallClocks(timeZone: string, from: number): readonly WallClock[] {
  const parts = { hourCycle: 'h23', weekday: 'short', hour: '2-digit', minute: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, ...parts });
  return Array.from({ length: walkedMinutes }, (_, index) => {
    // "Thu 12:00"
    const [name = '', hours, minutes] = format.format(from + index * minute).split(/[ :,]+/);
    return { day: dayNames.indexOf(name), minute: Number(hours) * 60 + Number(minutes) };
  });
}

/** The rule in its own words. */
function isShown({ days, from, to }: MaintenanceWindow, clock: WallClock): boolean {
  if (from < to) return days.includes(clock.day) && clock.minute >= from && clock.minute < to;
  const before = (clock.day + 6) % 7;
  return (days.includes(clock.day) && clock.minute >= from) || (days.includes(before) && clock.minute < to);
}

/** Walks two weeks minute by minute. */
function walk(windows: readonly MaintenanceWindow[], from: number): readonly Interval[] {
  const walls = windows.map((window) => ({ window, clocks: wallClocks(window.timeZone, from) }));
  const found: { from: number; to: number }[] = [];
  for (let index = 0; index < walkedMinutes; index += 1) {
    if (!walls.some(({ window, clocks }) => isShown(window, clocks[index] ?? neverShown))) continue;
    const now = from + index * minute;
    const last = found.at(-1);
    if (last?.to === now) last.to = now + minute;
    else found.push({ from: now, to: now + minute });
  }
  return found;
}

const arbitraryWindow = fc
  .record({
    days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 }),
    from: fc.integer({ min: 0, max: 1439 }),
    to: fc.integer({ min: 0, max: 1439 }),
    timeZone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'),
  })
  .map((window) => ({ text: '', ...window }));

/** Europe and Lord Howe change their clocks (by half an hour there); Europe and New York do; a leap year's February. */
const beginnings = ['2026-03-23T00:00Z', '2026-10-20T13:37Z', '2028-02-20T00:00Z'].map(at);

describe('any windows', () => {
  it('are open exactly when a walk through two weeks, minute by minute, finds the clocks within them', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryWindow, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...beginnings),
        (windows, from) => {
          const end = from + walkedMinutes * minute;
          const openings = openingsFrom(windows, from)
            .map((each) => ({ from: each.from, to: Math.min(each.to, end) }))
            .filter((each) => each.from < end);
          assert.deepEqual(openings, walk(windows, from));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('let a host go exactly when each minute that it will be out lies within them', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryWindow, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...beginnings),
        fc.integer({ min: 0, max: 6 * 24 * 60 }),
        fc.integer({ min: 1, max: 12 * 60 }),
        (windows, from, minutesLater, minutesOut) => {
          const now = from + minutesLater * minute;
          const openings = walk(windows, from);
          const fits = openings.some((each) => each.from <= now && now + minutesOut * minute <= each.to);
          const refusal = windowRefusals(windows, now, now)(minutesOut * minute);
          assert.equal(refusal === null, fits);
          if (refusal === null) return;
          assert.ok(refusal.code === 'outside-window' || refusal.code === 'window-too-short');
          const later = openings.filter((each) => each.from > now);
          const roomy = later.find((each) => each.to - each.from > minutesOut * minute);
          if (roomy !== undefined) assert.equal(refusal.until, roomy.from);
        },
      ),
      { numRuns: 300 },
    );
  });
});
