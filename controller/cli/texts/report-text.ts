import { durationText } from '../../../lib/duration-text.ts';
import type { ReportDocument, ReportHostDocument } from '../../../proto/zdms/v1/documents.ts';
import { countText } from '../terminal/cut.ts';
import { tableText } from '../terminal/table.ts';

/** What `zdms report` prints, and `apply` at its end. */
export function reportText(report: ReportDocument): string {
  return `${headline(report)}\n${hostTable(report.hosts)}${lines(report).join('\n')}\n`;
}

/** The proof in one line. */
function headline(report: ReportDocument): string {
  const done = report.hosts.filter((host) => host.state === 'done').length;
  const hosts = done === report.hosts.length ? `${done} hosts` : `${done} of ${report.hosts.length} hosts`;
  const failed = total(report, 'failed');
  const proof =
    report.probes.length === 0
      ? 'no service was probed'
      : `${countText(failed)} failed of ${countText(total(report, 'sentWhileOut'))} while hosts were out`;
  return `${report.state} ${hosts}${wallText(report)}  ${proof}  unobserved ${secondsText(report.unobservedMs)} s`;
}

function wallText({ wallMs, lowerBoundMs }: ReportDocument): string {
  if (wallMs === null) return '';
  const ratio =
    lowerBoundMs === null || lowerBoundMs <= 0 ? '' : ` (${(wallMs / lowerBoundMs).toFixed(2)} x the minimum)`;
  return ` in ${durationText(wallMs)}${ratio}`;
}

/** Out-of-service time of each host and where it went. */
function hostTable(hosts: readonly ReportHostDocument[]): string {
  const head = ['host', 'state', 'out', 'drain', 'apply', 'reboot', 'checks', 'ours', 'slot'];
  const rows = hosts.map(({ id, state, outMs, outSplitMs, slotMs }) => {
    const { drain, apply, reboot, checks, ours } = outSplitMs;
    return [id, state, ...[outMs, drain, apply, reboot, checks, ours, slotMs].map(durationText)];
  });
  return tableText(head, rows, head.slice(2));
}

function lines(report: ReportDocument): string[] {
  return [
    ...report.lowestServing.map(
      ({ service, size, mostOut }) => `${service}: at most ${mostOut} of ${size} out at once`,
    ),
    ...report.hosts.flatMap(versionLines),
    ...report.hosts.flatMap(({ id, reason }) => (reason === null ? [] : [`${id}: ${reason.text}`])),
    ...report.hosts.flatMap(({ id, remarks }) => remarks.map((remark) => `${id}: ${remark}`)),
    ...(report.controllerTakeovers === 0 ? [] : [`${report.controllerTakeovers} x a controller took over`]),
    report.obligationsOpen === 0 ? 'no obligation open' : `${report.obligationsOpen} obligations OPEN`,
    `journal: ${countText(report.journal.events)} events, ${report.journal.sound ? 'its hash chain is sound' : 'its hash chain is BROKEN'}`,
  ];
}

function versionLines({ id, versionsBefore, versionsAfter, bootIdBefore, bootIdAfter }: ReportHostDocument): string[] {
  const changed = Object.entries(versionsAfter).filter(([name, version]) => versionsBefore[name] !== version);
  const parts = changed.map(([name, version]) => `${name} ${versionsBefore[name] ?? 'none'} -> ${version ?? 'none'}`);
  if (bootIdBefore !== null && bootIdAfter !== null && bootIdBefore !== bootIdAfter) {
    parts.push(`boot ${bootIdBefore.slice(0, 8)} -> ${bootIdAfter.slice(0, 8)}`);
  }
  return parts.length === 0 ? [] : [`${id}: ${parts.join(', ')}`];
}

function total({ probes }: ReportDocument, field: 'failed' | 'sentWhileOut'): number {
  return probes.reduce((sum, probe) => sum + probe[field], 0);
}

function secondsText(durationMs: number): string {
  return (durationMs / 1000).toFixed(1).replace(/\.0$/, '');
}
