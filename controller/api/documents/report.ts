import type { ReportDocument } from '../../../proto/zdms/v1/documents.ts';
import type { ReportView } from '../../ports/operations.ts';
import { reasonDocument } from './reason.ts';
import { probeLines } from './rollout.ts';

/** A report as `zdms report` prints it. `now` is UTC ms. */
export function reportDocument({ report, journal }: ReportView, now: number): ReportDocument {
  return {
    ...report,
    probes: probeLines(report.probes),
    hosts: report.hosts.map((host) => ({ ...host, reason: reasonDocument(host.reason, report.endedAt ?? now) })),
    journal: { events: journal.events, sound: journal.firstBroken === null },
  };
}
