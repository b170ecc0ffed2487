import { enumerate } from '../../../lib/enumerate.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import { tableText } from '../terminal/table.ts';

/** Hosts that are named in a line before the rest is counted. */
const HOSTS_NAMED = 3;

/** One version of a package, and the hosts that could be updated to it. */
export interface PendingUpdate {
  readonly package: string;
  readonly version: string;
  readonly security: boolean;
  readonly hosts: readonly string[];
}

/** By package, security updates first. */
export function pendingOf(hosts: readonly HostDocument[]): readonly PendingUpdate[] {
  const updates = new Map<string, PendingUpdate & { readonly hosts: string[] }>();
  for (const { id, pending } of hosts) {
    for (const { name, candidate, security } of pending) {
      const key = `${name} ${candidate} ${security}`;
      const known = updates.get(key);
      if (known === undefined) updates.set(key, { package: name, version: candidate, security, hosts: [id] });
      else known.hosts.push(id);
    }
  }
  return [...updates.values()].toSorted(
    (a, b) => Number(b.security) - Number(a.security) || a.package.localeCompare(b.package, 'en'),
  );
}

export function pendingText(updates: readonly PendingUpdate[]): string {
  if (updates.length === 0) return 'Nothing is pending.\n';
  return tableText(
    ['package', 'on offer', '', 'hosts', ''],
    updates.map(({ package: name, version, security, hosts }) => [
      name,
      version,
      security ? 'security' : '',
      String(hosts.length),
      enumerate(hosts, HOSTS_NAMED),
    ]),
    ['hosts'],
  );
}
