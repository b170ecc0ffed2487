import { z } from 'zod';
import type { MaintenanceWindow } from '../core/fleet.ts';
import { nearestKey } from './guide.ts';
import { show, type YamlFile } from './yaml-file.ts';

/** Three words; what each of them means is looked at by `readWindows`, which can say more about what is wrong. */
export const windowList = z
  .array(
    z
      .string()
      .max(200)
      .regex(/^\S+ +\S+ +\S+$/),
  )
  .min(1)
  .max(50);

/** A part of a window, or what is wrong with it. */
type Part<Value> = { readonly value: Value } | { readonly problem: string };

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const everyDay = dayNames.map((_name, day) => day);

/** Reads `policy.windows`: "Tue,Wed 22:00-05:00 Europe/Berlin". A window with a problem is reported and left out. */
export function readWindows(yaml: YamlFile, texts: readonly string[]): readonly MaintenanceWindow[] {
  return texts.flatMap((text, index) => {
    const window = readWindow(text);
    if ('value' in window) return [window.value];
    yaml.add(['policy', 'windows', index], window.problem);
    return [];
  });
}

function readWindow(text: string): Part<MaintenanceWindow> {
  const [dayWords = '', hourWords = '', timeZone = ''] = text.split(/ +/);
  const days = readDays(dayWords);
  if ('problem' in days) return days;
  const hours = readHours(hourWords);
  if ('problem' in hours) return hours;
  const problem = timeZoneProblem(timeZone);
  return problem === null ? { value: { text, days: days.value, ...hours.value, timeZone } } : { problem };
}

function readDays(words: string): Part<readonly number[]> {
  if (words === 'daily') return { value: everyDay };
  const days = new Set<number>();
  for (const word of words.split(',')) {
    const range = readRange(word);
    if ('problem' in range) return range;
    for (const day of range.value) days.add(day);
  }
  return { value: everyDay.filter((day) => days.has(day)) };
}

/** "Tue", or "Fri-Mon" over the end of the week. */
function readRange(word: string): Part<readonly number[]> {
  const [first = '', last = first, ...more] = word.split('-');
  const strange = [first, last].find((name) => !dayNames.includes(name));
  if (strange !== undefined || more.length > 0)
    return {
      problem: `${show(strange ?? word)} is no day: write ${dayNames.join(', ')}, a range like Mon-Fri, or daily`,
    };
  const from = dayNames.indexOf(first);
  const length = (dayNames.indexOf(last) - from + 7) % 7;
  return { value: Array.from({ length: length + 1 }, (_, step) => (from + step) % 7) };
}

function readHours(words: string): Part<Pick<MaintenanceWindow, 'from' | 'to'>> {
  const [from = '', to = '', ...more] = words.split('-');
  if (to === '' || more.length > 0)
    return { problem: `${show(words)} is not when it begins and when it ends: write 22:00-05:00` };
  const strange = [from, to].find((time) => !/^([01]\d|2[0-3]):[0-5]\d$/.test(time));
  if (strange !== undefined) return { problem: `${show(strange)} is no time of day: write 00:00 to 23:59` };
  return { value: { from: minutesOf(from), to: minutesOf(to) } };
}

/** After midnight. */
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** Names alone: "+01:00" would not follow the clocks of any place. */
function timeZoneProblem(name: string): string | null {
  if (/^[A-Za-z]/.test(name) && isTimeZone(name)) return null;
  const meant = nearestKey(name, Intl.supportedValuesOf('timeZone'));
  return `there is no time zone ${show(name)}${meant === null ? '' : `: did you mean ${meant}?`}`;
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
}
