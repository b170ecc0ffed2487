import { readAgentConfiguration } from './agent-configuration.ts';
import { certificateLife, readAgentIdentity } from './agent-identity.ts';
import { readDaemonState } from './daemon/daemon-state.ts';
import type { HostFiles } from './host-files.ts';
import { readSurveyFile } from './survey-file.ts';
import { packageVersion } from '../lib/package-version.ts';

/** What the agent knows of itself. Times are UTC ms; null is what it does not know, or may not read. */
export interface AgentStatus {
  readonly agentVersion: string;
  readonly hostId: string | null;
  readonly controller: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly connected: boolean;
  readonly connectedSince: number | null;
  readonly notConnectedBecause: string | null;
  readonly certificateUntil: number | null;
  readonly surveyedAt: number | null;
  readonly surveyError: string | null;
  readonly rebootNeeded: boolean | null;
  readonly packagesWithOffers: number | null;
}

/** Reads it from the agent's files; needs no daemon, and root only for the certificate. */
export async function readAgentStatus(files: HostFiles): Promise<AgentStatus> {
  const [configuration, identity, daemon, surveyFile] = await Promise.all([
    readAgentConfiguration(files.configuration),
    readAgentIdentity(files.identity).catch(() => null),
    readDaemonState(files.daemonState),
    readSurveyFile(files.survey),
  ]);
  const survey = surveyFile?.survey;
  const connected = daemon?.connected ?? false;
  return {
    agentVersion: packageVersion(),
    hostId: configuration?.hostId ?? null,
    controller: configuration?.controller ?? null,
    labels: configuration?.labels ?? {},
    connected,
    connectedSince: connected ? (daemon?.since ?? null) : null,
    notConnectedBecause: connected ? null : (daemon?.reason ?? 'the daemon does not run'),
    certificateUntil: identity === null ? null : certificateLife(identity.certificatePem).notAfter,
    surveyedAt: survey?.surveyedAtMs === undefined ? null : Number(survey.surveyedAtMs),
    surveyError: survey?.error ?? null,
    rebootNeeded: survey?.rebootNeeded ?? null,
    packagesWithOffers: survey?.packages?.length ?? null,
  };
}

/** The same for people, one fact a line. `now` is UTC ms. */
export function renderAgentStatus(status: AgentStatus, now: number): string {
  if (status.hostId === null) return `zdms-agent ${status.agentVersion}: not enrolled\n`;
  const lines = [
    ['agent', status.agentVersion],
    ['enrolled as', status.hostId],
    [
      'labels',
      Object.entries(status.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ],
    ['controller', `${status.controller ?? ''}, ${connectionText(status, now)}`],
    ['certificate', status.certificateUntil === null ? 'not readable' : `until ${utc(status.certificateUntil)}`],
    ['last survey', surveyText(status, now)],
  ];
  return lines.map(([name = '', value = '']) => `${name.padEnd(13)}${value}\n`).join('');
}

function connectionText(status: AgentStatus, now: number): string {
  if (status.connectedSince !== null) return `connected for ${age(status.connectedSince, now)}`;
  return `not connected: ${status.notConnectedBecause ?? 'unknown'}`;
}

function surveyText(status: AgentStatus, now: number): string {
  if (status.surveyedAt === null) return 'never';
  const reboot = status.rebootNeeded === true ? ', reboot needed' : '';
  const error = status.surveyError === null || status.surveyError === '' ? '' : `, incomplete: ${status.surveyError}`;
  const offers = `${status.packagesWithOffers ?? 0} packages with offers`;
  return `${age(status.surveyedAt, now)} ago, ${offers}${reboot}${error}`;
}

function age(since: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - since) / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function utc(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
