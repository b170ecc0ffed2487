import { enumerate } from '../../../lib/enumerate.ts';
import type { FileComparisonDocument } from '../../../proto/zdms/v1/plan-document.ts';

/** Ids in one line; `-o json` has them all. */
const HOSTS_SHOWN = 12;

type Difference = FileComparisonDocument['differences'][number];

/** What a plan would change in the files of its hosts, as they are now. */
export function fileComparisonText(comparison: FileComparisonDocument): string {
  const { differences, moreDifferences, same, silent, notAsked } = comparison;
  const blocks = [
    ...differences.map(differenceLines),
    ...(moreDifferences === 0
      ? []
      : [[`… ${moreDifferences} more ${moreDifferences === 1 ? 'difference' : 'differences'}`]]),
    [
      ...(same.length === 0 ? [] : [`nothing changes in files on ${hostsText(same)}`]),
      ...silent.map(({ host, because }) => `${host} could not be asked: ${because}`),
      ...(notAsked.length === 0 ? [] : [`not asked: ${hostsText(notAsked)}`]),
    ],
  ];
  const texts = blocks.filter((lines) => lines.length > 0).map((lines) => `${lines.join('\n')}\n`);
  return texts.join('\n');
}

function differenceLines(difference: Difference): string[] {
  const { path, kind, rights, diff, moreLines, hosts } = difference;
  const lines = [
    ...rights,
    ...detailLines(difference),
    ...(diff === '' ? [] : diff.split('\n')),
    ...(moreLines === 0 ? [] : [`… ${moreLines} more ${moreLines === 1 ? 'line' : 'lines'}`]),
  ];
  return [`${path}${kind === 'new' ? '  new' : ''}  on ${hostsText(hosts)}`, ...lines.map((line) => `  ${line}`)];
}

function detailLines({ kind, detail }: Difference): string[] {
  if (detail === '') return [];
  return [kind === 'unfit' ? `could not be put there now: ${detail}` : `its content changes (not shown: ${detail})`];
}

function hostsText(hosts: readonly string[]): string {
  return hosts.length > HOSTS_SHOWN ? `${hosts.length} hosts: ${enumerate(hosts, HOSTS_SHOWN)}` : hosts.join(', ');
}
