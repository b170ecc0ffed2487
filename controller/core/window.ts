import type { HostId, MaintenanceWindow } from './fleet.ts';
import { type Interval, union } from './intervals.ts';
import type { HostPlan } from './plan.ts';
import type { Reason } from './reason.ts';
import type { Rollout } from './rollout.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** So far ahead each window opens in full at least once, also one that a change of the clocks swallows: two weeks, and what is left of a long one. */
const aheadMs = 16 * dayMs;

/** Nobody is taken in the very moment in which a window opens: a host that needs all but this of it would never go (ms). */
const takeWithinMs = minuteMs;

/**
 * When windows are open from a moment on, in order; two that overlap or touch are one. The first begins at that moment when it is open
 * then already.
 *
 * The clock on the wall decides: a window is open while the clock there shows a time within it. So it is an hour longer or shorter in
 * the night in which clocks change; an hour that is left out is no window, and one that comes twice is one twice.
 */
export function openingsFrom(windows: readonly MaintenanceWindow[], from: number): readonly Interval[] {
  return union(
    windows.flatMap((window) =>
      clockSpans(window.timeZone, from, from + aheadMs).flatMap((span) => openingsIn(span, window)),
    ),
  );
}

/** The longest host that these windows have room for (ms); without windows there is no limit. */
export function longestFit(windows: readonly MaintenanceWindow[], now: number): number {
  if (windows.length === 0) return Infinity;
  return Math.max(0, ...openingsFrom(windows, now).map(roomIn));
}

function roomIn({ from, to }: Interval): number {
  return to - from - takeWithinMs;
}

/**
 * Why a host that will hold its slot for `expectedMs` may not be taken out now, with the moment from which it may. Looks at the clock
 * once, whatever the number of hosts.
 *
 * @param shownAt the latest moment that the clock has ever shown: a window whose end it has shown stays closed when it is set back.
 */
export function windowRefusals(
  windows: readonly MaintenanceWindow[],
  now: number,
  shownAt: number,
): (expectedMs: number) => Reason | null {
  if (windows.length === 0) return () => null;
  const latest = Math.max(now, shownAt);
  const openings = openingsFrom(windows, now);
  const present = openings.find((each) => each.from <= now && latest < each.to);
  const later = (latest === now ? openings : openingsFrom(windows, latest)).filter((each) => each.from > latest);
  const nextFor = (expectedMs: number): number =>
    (later.find((each) => roomIn(each) >= expectedMs) ?? later[0])?.from ?? latest;
  return (expectedMs) => {
    if (present === undefined) return { code: 'outside-window', until: nextFor(expectedMs) };
    if (latest + expectedMs <= present.to) return null;
    return { code: 'window-too-short', expectedMs, endsAt: present.to, until: nextFor(expectedMs) };
  };
}

type RefusalOf = (host: HostId) => Reason | null;

/** All who ask about a rollout at one moment share one look at the clock, and all who ask about a plan its expected times. */
const looks = new WeakMap<Rollout, { readonly now: number; readonly refusalOf: RefusalOf }>();
const expectedTimes = new WeakMap<readonly HostPlan[], ReadonlyMap<HostId, number>>();

/** The same for the hosts of a rollout, by the windows and the expected times of its plan. */
export function windowRefusalsIn(rollout: Rollout, now: number): RefusalOf {
  const { windows } = rollout.plan.fleet.policy;
  if (windows.length === 0) return () => null;
  const look = looks.get(rollout);
  if (look?.now === now) return look.refusalOf;
  const refusal = windowRefusals(windows, now, rollout.latestEventAt);
  const expected = expectedTimesOf(rollout.plan.hosts);
  const refusalOf: RefusalOf = (host) => refusal(expected.get(host) ?? 0);
  looks.set(rollout, { now, refusalOf });
  return refusalOf;
}

function expectedTimesOf(hosts: readonly HostPlan[]): ReadonlyMap<HostId, number> {
  const found = expectedTimes.get(hosts) ?? new Map(hosts.map((each) => [each.host, each.expectedMs]));
  expectedTimes.set(hosts, found);
  return found;
}

/** A time in which the clocks of a zone keep their distance to UTC. */
interface ClockSpan extends Interval {
  readonly offsetMs: number;
}

/** No zone changes its clocks twice in a day, so one look a day finds each change. */
function clockSpans(timeZone: string, from: number, to: number): readonly ClockSpan[] {
  const spans: ClockSpan[] = [];
  let span: ClockSpan = { from, to, offsetMs: offsetAt(timeZone, from) };
  for (let at = from + dayMs; at <= to; at += dayMs) {
    const offsetMs = offsetAt(timeZone, at);
    if (offsetMs === span.offsetMs) continue;
    const changedAt = changeBetween(timeZone, at - dayMs, at);
    spans.push({ ...span, to: changedAt });
    span = { from: changedAt, to, offsetMs };
  }
  return [...spans, span];
}

/** The first millisecond by the new distance. */
function changeBetween(timeZone: string, before: number, after: number): number {
  const offsetMs = offsetAt(timeZone, after);
  let low = before;
  let high = after;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(timeZone, middle) === offsetMs) high = middle;
    else low = middle;
  }
  return high;
}

/** While the distance is the same, the clock on the wall is a straight line. */
function openingsIn({ from, to, offsetMs }: ClockSpan, window: MaintenanceWindow): readonly Interval[] {
  const openings: Interval[] = [];
  const lengthMs = (window.to > window.from ? window.to - window.from : window.to + 24 * 60 - window.from) * minuteMs;
  const lastDay = Math.floor((to + offsetMs) / dayMs);
  // From the day before: what began then may still be open.
  for (let day = Math.floor((from + offsetMs) / dayMs) - 1; day <= lastDay; day += 1) {
    if (!window.days.includes(weekday(day))) continue;
    const opensAt = day * dayMs + window.from * minuteMs - offsetMs;
    const opening = { from: Math.max(from, opensAt), to: Math.min(to, opensAt + lengthMs) };
    if (opening.from < opening.to) openings.push(opening);
  }
  return openings;
}

/** Of a day counted from 1 January 1970, a Thursday; 0 is Sunday. */
function weekday(day: number): number {
  return (day + 4) % 7;
}

/** Making a format takes far longer than using it; there are no more of them than time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the clocks of a zone are ahead of UTC at a moment (ms). */
function offsetAt(timeZone: string, at: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  // "1/15/2026, GMT+01:00"; UTC itself may be a bare "GMT".
  const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
    /GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(format.format(at)) ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * minuteMs + Number(seconds) * 1000;
  return sign === '-' ? -offsetMs : offsetMs;
}
