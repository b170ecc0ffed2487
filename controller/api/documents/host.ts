import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { HostReport, PackageState, SurveyedFile } from '../../core/inventory.ts';
import type { HostView } from '../../ports/operations.ts';
import { reasonDocument } from './reason.ts';

/** Of each kind and package: the list of all hosts of a large fleet is one document. */
const IDS_SHOWN = 8;
/** As many as one change may bring; of files that are as they were put only the number is told. */
const DRIFTED_SHOWN = 50;

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
    firmware: (survey?.firmware ?? []).map(({ id, name, version, offers }) => {
      return { device: id, name, version, offered: offers[0]?.version ?? null };
    }),
    files: survey?.files === undefined ? null : filesPart(survey.files),
  };
}

function filesPart(files: readonly SurveyedFile[]): HostDocument['files'] {
  const drifted = files.filter(({ drift }) => drift.length > 0);
  return {
    put: files.length,
    drifted: drifted.slice(0, DRIFTED_SHOWN),
    moreDrifted: Math.max(0, drifted.length - DRIFTED_SHOWN),
  };
}

/** A package on hold is not pending: its owner said so. */
function isPending(item: PackageState): boolean {
  return !item.held && item.candidate !== item.installed;
}

function pendingPackage(item: PackageState) {
  const { name, installed, candidate, offers, use } = item;
  return {
    ...{ name, installed, candidate, security: offers.some((offer) => offer.security) },
    ...closedBy(item),
    usedBy: use?.usedBy ?? null,
    rebootBecause: use?.rebootBecause ?? null,
  };
}

/** Older offers close nothing; where each version has advisories of its own, those between count as well. */
function closedBy({ candidate, offers }: PackageState) {
  const upTo = offers.slice(
    Math.max(
      0,
      offers.findIndex((offer) => offer.version === candidate),
    ),
  );
  const advisories = [...new Set(upTo.flatMap((offer) => offer.advisories))].toSorted();
  const cves = [...new Set(upTo.flatMap((offer) => offer.cves))].toSorted();
  const [shownAdvisories, shownCves] = [advisories.slice(0, IDS_SHOWN), cves.slice(0, IDS_SHOWN)];
  const moreIds = advisories.length + cves.length - shownAdvisories.length - shownCves.length;
  return { advisories: shownAdvisories, cves: shownCves, moreIds };
}
