import { system } from 'systeminformation';
import type { HostFiles } from './host-files.ts';
import { createBoot } from './platform/boot/boot.ts';
import type { Boot, RebootNeeded } from './platform/boot/boot.ts';
import { createHostPackages } from './platform/packages/host-packages.ts';
import type { PackageState, Packages } from './platform/packages/packages.ts';
import { systemCommands } from './platform/run-command.ts';
import type { SurveyFile } from './survey-file.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** A report goes over the wire in one message of at most a few hundred kilobytes; a host this far behind is told apart by `error`. */
const PACKAGES_MAX = 1500;
/** The newest offers are first; a plan that wants an older one than these names it in its own repository. */
const OFFERS_MAX = 8;

/** What a survey asks; injected, so that it is tested without a host. */
export interface SurveyParts {
  readonly packages: Pick<Packages, 'survey'>;
  readonly boot: Pick<Boot, 'rebootNeeded'>;
  /** Maker and model of the machine. */
  readHardwareModel(): Promise<string>;
  /** UTC ms. */
  now(): number;
}

/** How a survey is made. `refresh`: get new package lists first. */
export interface SurveyOptions {
  readonly refresh: boolean;
}

/**
 * Asks everything, and never rejects: what could not be found out is said in `survey.error`, and the rest still counts. Without a
 * working mirror the lists as they are still tell what was on offer.
 */
export async function survey(parts: SurveyParts, options: SurveyOptions): Promise<SurveyFile> {
  const errors: string[] = [];
  async function attempt<T>(what: string, ask: () => Promise<T>, otherwise: T): Promise<T> {
    return ask().catch((error: unknown) => {
      errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    });
  }
  const reboot = await attempt<RebootNeeded>('reboot needed', () => parts.boot.rebootNeeded(), {
    needed: 'unknown',
    reasons: [],
    staleServices: [],
  });
  const hardwareModel = await attempt('hardware', () => parts.readHardwareModel(), '');
  const packages = await surveyPackages(parts.packages, options, attempt);
  if (packages.length > PACKAGES_MAX)
    errors.push(`${packages.length} packages have offers, only ${PACKAGES_MAX} are listed`);
  return {
    survey: {
      surveyedAtMs: parts.now(),
      rebootNeeded: reboot.needed === 'yes',
      rebootReasons: [...reboot.reasons],
      staleServices: [...reboot.staleServices],
      packages: packages.slice(0, PACKAGES_MAX).map((one) => ({ ...one, offers: one.offers.slice(0, OFFERS_MAX) })),
      error: errors.join('; '),
    },
    hardwareModel,
  };
}

type Attempt = <T>(what: string, ask: () => Promise<T>, otherwise: T) => Promise<T>;

async function surveyPackages(
  packages: SurveyParts['packages'],
  options: SurveyOptions,
  attempt: Attempt,
): Promise<readonly PackageState[]> {
  const fresh = options.refresh ? await attempt('new package lists', () => packages.survey(true), null) : null;
  return fresh ?? attempt('packages', () => packages.survey(false), []);
}

/** Surveys this host and writes the file for the daemon. Returns what could not be found out, or null. */
export async function surveyThisHost(
  files: HostFiles,
  options: SurveyOptions = { refresh: true },
): Promise<string | null> {
  const found = await survey(
    {
      packages: createHostPackages(systemCommands),
      boot: createBoot(systemCommands),
      readHardwareModel,
      now: () => Date.now(),
    },
    options,
  );
  await writeFileAtomically(files.survey, `${JSON.stringify(found)}\n`, { mode: 0o644 });
  return found.survey.error === '' ? null : (found.survey.error ?? null);
}

async function readHardwareModel(): Promise<string> {
  const { manufacturer, model } = await system();
  return [manufacturer, model].filter((part) => part !== '').join(' ');
}
