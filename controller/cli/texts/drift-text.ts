import { enumerate } from '../../../lib/enumerate.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import { tableText } from '../terminal/table.ts';

/** Hosts that are named in a line before the rest is counted. */
const HOSTS_NAMED = 3;

/** A file that has changed in the same way on these hosts since zdms put it there. */
export interface DriftedFile {
  readonly path: string;
  readonly drift: readonly string[];
  readonly hosts: readonly string[];
}

/** By path. */
export function driftOf(hosts: readonly HostDocument[]): readonly DriftedFile[] {
  const drifted = hosts.flatMap(({ id, files }) => (files?.drifted ?? []).map((file) => ({ host: id, ...file })));
  const groups = Map.groupBy(drifted, ({ path, drift }) => `${path} ${drift.join(' ')}`);
  return Array.from(groups.values(), (group) => {
    const { path = '', drift = [] } = group[0] ?? {};
    return { path, drift, hosts: group.map(({ host }) => host) };
  }).toSorted((a, b) => a.path.localeCompare(b.path, 'en'));
}

export function driftText(files: readonly DriftedFile[]): string {
  if (files.length === 0) return 'Every file that zdms put on a host is as it put it.\n';
  return tableText(
    ['file', 'since zdms put it', 'hosts', ''],
    files.map(({ path, drift, hosts }) => [
      path,
      driftWords(drift),
      String(hosts.length),
      enumerate(hosts, HOSTS_NAMED),
    ]),
    ['hosts'],
  );
}

/** What a host has beside the files that its document lists; empty where there is nothing. */
export function moreDriftText(hosts: readonly HostDocument[]): string {
  return hosts
    .filter(({ files }) => files !== null && files.moreDrifted > 0)
    .map(({ id, files }) => `${id} has ${files?.moreDrifted ?? 0} more such files\n`)
    .join('');
}

/** `other content and mode`, `gone`. */
export function driftWords(drift: readonly string[]): string {
  if (drift.includes('gone')) return 'gone';
  if (drift.includes('kind')) return 'no regular file any more';
  return `other ${enumerate(drift)}`;
}

/** One line for who looks at something else; empty where there is nothing to say. */
export function driftHint(hosts: readonly HostDocument[]): string {
  const drifted = hosts.filter(({ files }) => files !== null && files.drifted.length > 0).length;
  if (drifted === 0) return '';
  return `\nFiles are no longer as zdms put them on ${drifted} ${drifted === 1 ? 'host' : 'hosts'}: zdms host drift\n`;
}
