import type { CveDocument } from '../../../proto/zdms/v1/cve-document.ts';
import type { CveStanding } from '../../core/cve/cve-standing.ts';
import { reasonDocument } from './reason.ts';

/** What `zdms cve` prints. `now` is UTC ms. */
export function cveDocument(
  { cve, hosts, affected, unjudged, unread, closedBy }: CveStanding,
  now: number,
): CveDocument {
  return {
    cve,
    hosts,
    affected: affected.map(({ host, package: name, installed, version, advisories, reason }) => {
      return { host, package: name, installed, fix: version, advisories, reason: reasonDocument(reason, now) };
    }),
    unjudged: unjudged.map(({ host, reason }) => ({ host, reason: reasonDocument(reason, now) })),
    unread,
    closedBy,
  };
}
