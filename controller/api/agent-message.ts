import { z } from 'zod';
import { drifts } from '../core/inventory.ts';
import type { FirmwareDevice, HostReport, PackageState, Survey, SurveyedFile } from '../core/inventory.ts';
import type { Beat } from '../ports/telemetry.ts';
import type { AgentMessage__Output } from '../../proto/generated/zdms/v1/AgentMessage.ts';
import { filePath } from '../../proto/zdms/v1/executor.ts';

/** What agents write is shown to people and matched by plans; it is never a template, a path or a command. */
const textMax = 1000;
const listMax = 5000;
const labelsMax = 100;
/** 9999-12-31: later times are mistakes (ms). */
const timeMsMax = 253_402_300_799_999;

const text = z.string().transform((found) => printable(found).slice(0, textMax));
/** Versions and names are compared and end up in orders, so they are not altered: a package that does not fit is left out. */
const packageName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_+.-]{0,127}$/);
const packageVersion = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+~^_:-]{0,127}$/);
const digest = z.union([z.literal('').transform(() => null), z.string().regex(/^[0-9a-f]{64}$/)]);
/** Of one version, of either kind; an agent sends fewer. */
const idsMax = 5000;
const advisories = idsLike(/^[A-Za-z][A-Za-z0-9:._-]{2,63}$/);
const cves = idsLike(/^CVE-\d{4}-\d{4,10}$/);
const time = z.int().min(0).max(timeMsMax);

const offer = z.object({
  version: packageVersion,
  sha256: digest,
  downloadBytes: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  security: z.boolean(),
  advisories,
  cves,
  advisoriesKnown: z.boolean(),
});
const packageState = z.object({
  name: packageName,
  installed: packageVersion,
  candidate: packageVersion,
  held: z.boolean(),
  offers: z.array(offer).max(100),
  // Empty from an agent that cannot tell.
  wayBack: z.enum(['kept', 'offered', 'none']).optional().catch(undefined),
  usedBy: z.array(text).max(200),
  rebootBecause: text,
});
const firmwareDevice = z.object({
  id: z.string().regex(/^[0-9a-f]{40}$/),
  name: text,
  version: packageVersion,
  needsReboot: z.boolean(),
  offers: z.array(z.object({ version: packageVersion, sha256: digest })).max(100),
});
const surveyedFile = z.object({ path: filePath, drift: z.array(z.enum(drifts)).max(drifts.length) });
const survey = z.object({
  surveyedAtMs: time,
  rebootNeeded: z.boolean(),
  rebootReasons: z.array(text).max(200),
  staleServices: z.array(text).max(listMax),
  usesKnown: z.boolean(),
  updaters: z.array(text).max(20),
  keepsRoot: z.boolean(),
  error: text,
  packages: z.array(z.unknown()).max(listMax),
  firmware: z.array(z.unknown()).max(100),
  files: z.array(z.unknown()).max(500),
  // False from an agent that cannot tell.
  filesKnown: z.boolean(),
});
type FoundSurvey = z.infer<typeof survey>;
const report = z.object({
  agentVersion: text,
  os: text,
  kernel: text,
  hardwareModel: text,
  failedUnits: z.array(text).max(listMax),
  labels: z.record(text, text).refine((found) => Object.keys(found).length <= labelsMax),
  survey: survey.nullable(),
});
const message = z.object({
  bootId: z.string().regex(/^[0-9a-f-]{36}$/),
  checks: z.array(z.object({ name: text, passed: z.boolean(), detail: text })).max(200),
  report: report.nullable(),
});

/** An id that looks like none is left out: its version counts all the same. */
function idsLike(pattern: RegExp) {
  const all = z.array(z.string()).max(idsMax);
  return all.transform((found) => found.filter((id) => pattern.test(id)));
}

/** One message of an agent as core knows it, or null when anything in it is out of range: nothing of it is used then. */
export function readAgentMessage(wire: AgentMessage__Output, receivedAt: number): Beat | null {
  const parsed = message.safeParse(wire);
  if (!parsed.success) return null;
  const { bootId, checks } = parsed.data;
  return {
    receivedAt,
    bootId,
    checks,
    report: parsed.data.report === null ? null : toReport(parsed.data.report, bootId, receivedAt),
  };
}

/** Text that a terminal shows as it is: control and formatting characters become blanks. */
export function printable(found: string): string {
  return found.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function toReport(found: z.infer<typeof report>, bootId: string, receivedAt: number): HostReport {
  return { ...found, receivedAt, bootId, survey: found.survey === null ? null : toSurvey(found.survey) };
}

/** One odd package of a third party must not make its host silent; a plan that wants it will say that it is not on offer. */
function fittingPackages(found: readonly unknown[], usesKnown: boolean): readonly PackageState[] {
  return found.flatMap((one) => {
    const parsed = packageState.safeParse(one);
    if (!parsed.success) return [];
    const { usedBy, rebootBecause, wayBack, ...state } = parsed.data;
    return [
      {
        ...state,
        ...(usesKnown ? { use: { usedBy, rebootBecause } } : {}),
        ...(wayBack === undefined ? {} : { wayBack }),
      },
    ];
  });
}

function fittingDevices(found: readonly unknown[]): readonly FirmwareDevice[] {
  return found.flatMap((one) => firmwareDevice.safeParse(one).data ?? []);
}

function fittingFiles(found: readonly unknown[]): readonly SurveyedFile[] {
  return found.flatMap((one) => surveyedFile.safeParse(one).data ?? []);
}

function toSurvey(wire: FoundSurvey): Survey {
  const { surveyedAtMs, usesKnown, packages, firmware, files, filesKnown, ...found } = wire;
  return {
    ...{ surveyedAt: surveyedAtMs, ...found },
    packages: fittingPackages(packages, usesKnown),
    firmware: fittingDevices(firmware),
    ...(filesKnown ? { files: fittingFiles(files) } : {}),
  };
}
