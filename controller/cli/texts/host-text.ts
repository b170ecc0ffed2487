import { durationText } from '../../../lib/duration-text.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import { enumerate } from '../../../lib/enumerate.ts';
import { tableText } from '../terminal/table.ts';
import { driftWords } from './drift-text.ts';
import { idsText } from './pending-text.ts';

/** Services and reasons in one line; `-o json` has them all. */
const NAMED = 3;

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
    ['reboot', rebootText(host)],
    ...(host.staleServices.length === 0 ? [] : [['old files', `run by ${enumerate(host.staleServices, NAMED)}`]]),
    ['failed units', host.failedUnits.join(', ') || 'none'],
    ['surveyed', ageText(host.surveyedAt, now)],
    ['updates', updatesText(host)],
    ...firmwareFields(host),
    ...fileFields(host),
  ];
  const lines = fields.map(([name = '', value = '']) => `${name.padEnd(13)} ${value}`.trimEnd());
  return `${lines.join('\n')}\n${pendingText(host)}`;
}

function firmwareFields({ firmware }: HostDocument): string[][] {
  return firmware.map(({ name, version, offered }, index) => [
    index === 0 ? 'firmware' : '',
    `${name} ${version}${offered === null ? '' : `, ${offered} on offer`}`,
  ]);
}

/** Those that are as they were put are only counted. */
function fileFields({ files }: HostDocument): string[][] {
  if (files === null || files.put === 0) return [];
  const drifted = files.drifted.length + files.moreDrifted;
  const summary = drifted === 0 ? 'all as zdms put them' : `${drifted} no longer as zdms put them`;
  return [
    ['files', `${files.put}, ${summary}`],
    ...files.drifted.map(({ path, drift }) => ['', `${path}: ${driftWords(drift)}`]),
  ];
}

function pendingText({ pending }: HostDocument): string {
  if (pending.length === 0) return '';
  const rows = pending.map((item) => [
    ...[item.name, item.installed, item.candidate, item.security ? 'security' : ''],
    idsText({ ids: [...item.advisories, ...item.cves], moreIds: item.moreIds }),
    afterwardsText(item),
  ]);
  const head = ['package', 'installed', 'on offer', '', 'closes', 'afterwards'];
  // Agents from before they could tell leave no column of question marks.
  const columns = pending.some((item) => item.usedBy !== null) ? head.length : head.length - 1;
  return `\n${tableText(
    head.slice(0, columns),
    rows.map((row) => row.slice(0, columns)),
  )}`;
}

/** What an update of the package will take. */
function afterwardsText({ usedBy, rebootBecause }: HostDocument['pending'][number]): string {
  if (usedBy === null || rebootBecause === null) return '?';
  if (rebootBecause !== '') return `reboot (${rebootBecause})`;
  return usedBy.length === 0 ? '-' : `restart ${enumerate(usedBy, NAMED)}`;
}

function rebootText({ rebootNeeded, rebootReasons }: HostDocument): string {
  if (!rebootNeeded) return 'not needed';
  return rebootReasons.length === 0 ? 'needed' : `needed (${enumerate(rebootReasons, NAMED)})`;
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
