import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { HostReport, PackageState } from '../../core/inventory.ts';
import type { HostView } from '../../ports/operations.ts';
import { reasonDocument } from './reason.ts';

/** One host as `host ls` and `host show` print it. `now` is UTC ms. */
export function hostDocument(view: HostView, now: number): HostDocument {
  return {
    id: view.host.id,
    labels: view.host.labels,
    address: view.host.address,
    sshPort: view.host.sshPort,
    hostKey: view.host.hostKey,
    services: view.services,
    connected: view.connected,
    lastBeatAt: view.lastBeatAt,
    serving: view.services.length > 0 && view.reason === null,
    ...reportPart(view.report),
    reason: reasonDocument(view.reason, now),
  };
}

function reportPart(report: HostReport | null) {
  const survey = report?.survey ?? null;
  const pending = (survey?.packages ?? []).filter(isPending).map(pendingPackage);
  return {
    bootId: report?.bootId ?? null,
    agentVersion: report?.agentVersion ?? null,
    os: report?.os ?? null,
    kernel: report?.kernel ?? null,
    rebootNeeded: survey?.rebootNeeded ?? false,
    rebootReasons: survey?.rebootReasons ?? [],
    staleServices: survey?.staleServices ?? [],
    pendingUpdates: pending.length,
    pendingSecurityUpdates: pending.filter((item) => item.security).length,
    surveyedAt: survey?.surveyedAt ?? null,
    failedUnits: report?.failedUnits ?? [],
    pending,
  };
}

/** A package on hold is not pending: its owner said so. */
function isPending(item: PackageState): boolean {
  return !item.held && item.candidate !== item.installed;
}

function pendingPackage(item: PackageState) {
  const { name, installed, candidate, use } = item;
  return {
    ...{ name, installed, candidate, security: item.offers.some((offer) => offer.security) },
    usedBy: use?.usedBy ?? null,
    rebootBecause: use?.rebootBecause ?? null,
  };
}
