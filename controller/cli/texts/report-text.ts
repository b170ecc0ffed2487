import { durationText } from '../../../lib/duration-text.ts';
import { enumerate } from '../../../lib/enumerate.ts';
import type { ReportDocument, ReportHostDocument } from '../../../proto/zdms/v1/documents.ts';
import { countText } from '../terminal/cut.ts';
import { tableText } from '../terminal/table.ts';

/** Ids in one line; `-o json` has them all. */
const IDS_SHOWN = 12;

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
    ...report.quorums.map(quorumText),
    ...versionLines(report.hosts),
    ...rebootLines(report.hosts),
    ...restartLines(report.hosts),
    ...report.hosts.flatMap(({ id, reason }) => (reason === null ? [] : [`${id}: ${reason.text}`])),
    ...report.hosts.flatMap(({ id, remarks }) => remarks.map((remark) => `${id}: ${remark}`)),
    ...(report.controllerTakeovers === 0 ? [] : [`${report.controllerTakeovers} x a controller took over`]),
    report.obligationsOpen === 0 ? 'no obligation open' : `${report.obligationsOpen} obligations OPEN`,
    `journal: ${countText(report.journal.events)} events, ${report.journal.sound ? 'its hash chain is sound' : 'its hash chain is BROKEN'}`,
  ];
}

function quorumText({ service, voters, marginMin, readings }: ReportDocument['quorums'][number]): string {
  const margin =
    marginMin < 0
      ? `its majority was LOST: ${-marginMin} healthy voters short`
      : `never fewer than ${marginMin} healthy voters beyond its majority`;
  return `${service}: ${margin} (${voters} voters, ${countText(readings)} readings)`;
}

/** Hosts that went the same way share a line. */
function versionLines(hosts: readonly ReportHostDocument[]): string[] {
  const changes = hosts.flatMap(({ id, versionsBefore, versionsAfter }) =>
    Object.entries(versionsAfter).flatMap(([name, after]) => {
      const before = versionsBefore[name] ?? null;
      return after === null || after === before ? [] : [{ id, text: `${name} ${before ?? 'none'} -> ${after}` }];
    }),
  );
  const groups = Map.groupBy(changes, ({ text }) => text);
  return [...groups].map(([text, members]) => `${text} on ${idsText(members.map(({ id }) => id))}`);
}

function rebootLines(hosts: readonly ReportHostDocument[]): string[] {
  const rebooted = hosts.filter(
    ({ bootIdBefore, bootIdAfter }) => bootIdBefore !== null && bootIdAfter !== null && bootIdBefore !== bootIdAfter,
  );
  return rebooted.length === 0 ? [] : [`rebooted (new boot id): ${idsText(rebooted.map(({ id }) => id))}`];
}

/** Hosts that had the same services restarted share a line. */
function restartLines(hosts: readonly ReportHostDocument[]): string[] {
  const restarted = hosts.filter((host) => host.restarted.length > 0);
  const groups = Map.groupBy(restarted, (host) => enumerate(host.restarted, IDS_SHOWN));
  return [...groups].map(([units, members]) => `restarted ${units} on ${idsText(members.map(({ id }) => id))}`);
}

function idsText(ids: readonly string[]): string {
  return ids.length > IDS_SHOWN ? `${ids.length} hosts: ${enumerate(ids, IDS_SHOWN)}` : ids.join(', ');
}

function total({ probes }: ReportDocument, field: 'failed' | 'sentWhileOut'): number {
  return probes.reduce((sum, probe) => sum + probe[field], 0);
}

function secondsText(durationMs: number): string {
  return (durationMs / 1000).toFixed(1).replace(/\.0$/, '');
}
