import { enumerate } from '../../../lib/enumerate.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { QuarantineDocument } from '../../../proto/zdms/v1/quarantine-document.ts';
import { tableText } from '../terminal/table.ts';

/** Hosts that are named in a line before the rest is counted. */
const HOSTS_NAMED = 3;

/** Ids in a line; `-o json` has more of them. */
const IDS_NAMED = 2;

/** One version of a package, and the hosts that could be updated to it. */
export interface PendingUpdate {
  readonly package: string;
  readonly version: string;
  readonly security: boolean;
  /** No rollout brings it. */
  readonly quarantined: boolean;
  readonly hosts: readonly string[];
  /** What it closes on any of them, the first few of many: advisories, then CVEs. */
  readonly ids: readonly string[];
  /** How many ids there are beside these, on the host that has the most. */
  readonly moreIds: number;
}

/** By package, security updates first. */
export function pendingOf(hosts: readonly HostDocument[], { versions }: QuarantineDocument): readonly PendingUpdate[] {
  const quarantined = new Set(versions.map(({ name, version }) => `${name} ${version}`));
  const lines = hosts.flatMap(({ id, pending }) => pending.map((update) => ({ host: id, ...update })));
  const updates = Map.groupBy(lines, ({ name, candidate, security }) => `${name} ${candidate} ${security}`);
  return Array.from(updates.values(), (lines) => toUpdate(lines, quarantined)).toSorted(
    (a, b) => Number(b.security) - Number(a.security) || a.package.localeCompare(b.package, 'en'),
  );
}

type Line = HostDocument['pending'][number] & { readonly host: string };

function toUpdate(lines: readonly Line[], quarantined: ReadonlySet<string>): PendingUpdate {
  const { name = '', candidate = '', security = false } = lines[0] ?? {};
  const idsOf = (pick: (line: Line) => readonly string[]): string[] => [...new Set(lines.flatMap(pick))].toSorted();
  return {
    package: name,
    version: candidate,
    security,
    quarantined: quarantined.has(`${name} ${candidate}`),
    hosts: lines.map(({ host }) => host),
    ids: [...idsOf((line) => line.advisories), ...idsOf((line) => line.cves)],
    moreIds: lines.reduce((most, line) => Math.max(most, line.moreIds), 0),
  };
}

/** An advisory stands for the CVEs in it, so it comes first. */
export function idsText({ ids, moreIds }: Pick<PendingUpdate, 'ids' | 'moreIds'>): string {
  const more = Math.max(0, ids.length - IDS_NAMED) + moreIds;
  return [...ids.slice(0, IDS_NAMED), ...(more === 0 ? [] : [`${more} more`])].join(', ');
}

export function pendingText(updates: readonly PendingUpdate[]): string {
  if (updates.length === 0) return 'Nothing is pending.\n';
  return tableText(
    ['package', 'on offer', '', 'closes', 'hosts', ''],
    updates.map((update) => [
      update.package,
      update.version,
      [update.security ? 'security' : '', update.quarantined ? 'quarantined' : '']
        .filter((word) => word !== '')
        .join(', '),
      idsText(update),
      String(update.hosts.length),
      enumerate(update.hosts, HOSTS_NAMED),
    ]),
    ['hosts'],
  );
}
