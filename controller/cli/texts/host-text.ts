import { durationText } from '../../../lib/duration-text.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import { tableText } from '../terminal/table.ts';
import { idsText } from './pending-text.ts';

/** `host ls`. `now` is UTC ms. */
export function hostListText(hosts: readonly HostDocument[], now: number): string {
  if (hosts.length === 0) return 'No host yet. `zdms host install USER@ADDRESS` puts the agent on one.\n';
  return tableText(
    ['host', 'labels', 'services', 'connected', 'serving', 'updates', 'reboot', 'beat'],
    hosts.map((host) => [
      host.id,
      labelsText(host.labels),
      host.services.join(',') || '-',
      yesOrNo(host.connected),
      servingText(host),
      updatesText(host),
      host.rebootNeeded ? 'needed' : '-',
      ageText(host.lastBeatAt, now),
    ]),
    ['beat'],
  );
}

/** `host show`. `now` is UTC ms. */
export function hostText(host: HostDocument, now: number): string {
  const fields = [
    ['host', host.id],
    ['address', host.address],
    ['labels', labelsText(host.labels)],
    ['services', host.services.join(', ') || '-'],
    ['connected', `${yesOrNo(host.connected)}, last beat ${ageText(host.lastBeatAt, now)}`],
    ['serving', servingText(host)],
    ...(host.reason === null ? [] : [['', host.reason.text]]),
    ['boot id', host.bootId ?? '-'],
    ['agent', host.agentVersion ?? '-'],
    ['system', `${host.os ?? '-'}, kernel ${host.kernel ?? '-'}`],
    ['reboot', host.rebootNeeded ? 'needed' : 'not needed'],
    ['failed units', host.failedUnits.join(', ') || 'none'],
    ['surveyed', ageText(host.surveyedAt, now)],
    ['updates', updatesText(host)],
  ];
  const lines = fields.map(([name = '', value = '']) => `${name.padEnd(13)} ${value}`.trimEnd());
  return `${lines.join('\n')}\n${pendingText(host)}`;
}

function pendingText({ pending }: HostDocument): string {
  if (pending.length === 0) return '';
  const rows = pending.map(({ name, installed, candidate, security, advisories, cves, moreIds }) => {
    return [
      name,
      installed,
      candidate,
      security ? 'security' : '',
      idsText({ ids: [...advisories, ...cves], moreIds }),
    ];
  });
  return `\n${tableText(['package', 'installed', 'on offer', '', 'closes'], rows)}`;
}

/** `role=web zone=a`; a dash where there is none. */
export function labelsText(labels: HostDocument['labels']): string {
  return (
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ') || '-'
  );
}

function updatesText({ pendingUpdates, pendingSecurityUpdates, surveyedAt }: HostDocument): string {
  if (surveyedAt === null) return '?';
  return pendingSecurityUpdates > 0 ? `${pendingUpdates} (${pendingSecurityUpdates} security)` : String(pendingUpdates);
}

function servingText({ services, serving }: HostDocument): string {
  return services.length === 0 ? '-' : yesOrNo(serving);
}

function ageText(at: number | null, now: number): string {
  return at === null ? 'never' : `${durationText(now - at)} ago`;
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'NO';
}
