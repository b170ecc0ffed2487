import { durationText } from '../../../lib/duration-text.ts';
import { enumerate } from '../../../lib/enumerate.ts';
import type { PlaceDocument, PlanDifferenceDocument, PlanSumDocument } from '../../../proto/zdms/v1/plan-document.ts';
import { shortPlan } from './plan-text.ts';

/** Ids in one line; `-o json` has them all. */
const HOSTS_SHOWN = 12;

/** What `zdms diff` prints. */
export function planDifferenceText(difference: PlanDifferenceDocument): string {
  const { from, to, added, removed, leftOut, versions, reboots, moved, rules } = difference;
  const sections = [
    ...section('added', added.length === 0 ? [] : [hostsText(added)]),
    ...section(
      'no longer changed',
      together(removed, ({ reason }) => reason?.text ?? 'not selected any more'),
    ),
    ...section(
      'left as it is, for another reason',
      together(leftOut, (each) => change(each.from, each.to, reasonText)),
    ),
    ...section(
      'versions',
      together(versions, (each) => `${each.name}  ${change(each.from, each.to, orNone)}`),
    ),
    ...section(
      'reboots',
      together(reboots, (each) => (each.to ? 'rebooted now' : 'no longer rebooted')),
    ),
    ...section(
      'moved',
      together(moved, (each) => change(each.from, each.to, placeText)),
    ),
    ...section('rules that differ', rules),
  ];
  return [
    `${shortPlan(from.hash)} -> ${shortPlan(to.hash)}`,
    ...sums(from, to),
    ...(sections.length === 0 ? ['', 'The plans do the same.'] : sections),
    '',
  ].join('\n');
}

function sums(from: PlanSumDocument, to: PlanSumDocument): readonly string[] {
  const lines = [
    ['change', change(from.change, to.change, String)],
    ['hosts', change(from.hosts, to.hosts, String)],
    ['stages', change(from.stages, to.stages, String)],
    ['waves', change(from, to, wavesText)],
    ['time', change(from, to, timeText)],
  ];
  return lines.map(([name = '', text = '']) => `  ${name.padEnd(6)}  ${text}`);
}

function wavesText({ waves, wavesAtLeast, boundBy }: PlanSumDocument): string {
  return `${waves} (at least ${wavesAtLeast}${boundBy === '' ? '' : `: ${boundBy}`})`;
}

function timeText({ expectedMs, expectedMsAtLeast }: PlanSumDocument): string {
  return `about ${durationText(expectedMs)} (at least ${durationText(expectedMsAtLeast)})`;
}

function placeText({ stage, wave }: PlaceDocument): string {
  return `${stage}, wave ${wave}`;
}

function reasonText(reason: { readonly text: string } | null): string {
  return reason?.text ?? 'not selected';
}

function orNone(version: string | null): string {
  return version ?? 'none';
}

/** Once, where both are the same. */
function change<T>(from: T, to: T, textOf: (value: T) => string): string {
  const [before, after] = [textOf(from), textOf(to)];
  return before === after ? after : `${before} -> ${after}`;
}

/** Hosts of which the same is told share a line. */
function together<T extends { readonly host: string }>(each: readonly T[], textOf: (one: T) => string): string[] {
  return [...Map.groupBy(each, textOf)].map(([text, alike]) => `${text}  ${hostsText(alike.map(({ host }) => host))}`);
}

function hostsText(hosts: readonly string[]): string {
  return enumerate(hosts, HOSTS_SHOWN);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
