import { system } from 'systeminformation';
import type { HostFiles } from './host-files.ts';
import { createBoot } from './platform/boot/boot.ts';
import type { Boot, RebootNeeded } from './platform/boot/boot.ts';
import type { OldFiles } from './platform/leftovers/least-action.ts';
import type { Leftovers, PackageUse } from './platform/leftovers/leftovers.ts';
import { createFileChanges } from './platform/files/file-changes.ts';
import type { Files, SurveyedFile } from './platform/files/files.ts';
import type { Firmware, FirmwareDevice } from './platform/firmware/firmware.ts';
import { createFwupd } from './platform/firmware/fwupd.ts';
import { createLeftovers } from './platform/leftovers/process-leftovers.ts';
import { createHostPackages } from './platform/packages/host-packages.ts';
import type { PackageState, Packages } from './platform/packages/packages.ts';
import { createBtrfs } from './platform/snapshots/btrfs.ts';
import type { Snapshots } from './platform/snapshots/snapshots.ts';
import { createSystemdUpdaters } from './platform/updaters/systemd-updaters.ts';
import type { Updaters } from './platform/updaters/updaters.ts';
import { systemCommands } from './platform/run-command.ts';
import { createUnits } from './platform/units/units.ts';
import type { SurveyFile } from './survey-file.ts';
import { unknownAdvisories, withIdsThatFit } from './survey-ids.ts';
import { withOffersThatFit } from './survey-offers.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** A report goes over the wire in one message of at most a few hundred kilobytes; a host this far behind is told apart by `error`. */
const PACKAGES_MAX = 1500;
/** Machines with more disks have all of one kind mostly; the wire takes no more. */
const FIRMWARE_DEVICES_MAX = 50;
/** Those that are no longer as zdms put them come first; the wire takes no more. */
const FILES_MAX = 200;
/** Of one device, the newest. */
const FIRMWARE_OFFERS_MAX = 10;

/** What a survey asks; injected, so that it is tested without a host. */
export interface SurveyParts {
  readonly packages: Pick<Packages, 'survey'>;
  readonly boot: Pick<Boot, 'rebootNeeded'>;
  readonly leftovers: Pick<Leftovers, 'find' | 'use'>;
  readonly updaters: Pick<Updaters, 'patching'>;
  readonly snapshots: Pick<Snapshots, 'arePossible'>;
  readonly firmware: Pick<Firmware, 'survey'>;
  readonly files: Pick<Files, 'survey'>;
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
  });
  const old = await attempt<OldFiles | null>('old files', () => parts.leftovers.find(), null);
  const hardwareModel = await attempt('hardware', () => parts.readHardwareModel(), '');
  const updaters = await attempt('updaters', () => parts.updaters.patching(), []);
  const keepsRoot = await attempt('snapshots', () => parts.snapshots.arePossible(), false);
  const firmware = await attempt('firmware', () => parts.firmware.survey(), []);
  if (firmware.length > FIRMWARE_DEVICES_MAX)
    errors.push(`${firmware.length} devices have firmware, only ${FIRMWARE_DEVICES_MAX} are listed`);
  const files = await attempt<readonly SurveyedFile[] | null>('files', () => parts.files.survey(), null);
  if (files !== null && files.length > FILES_MAX)
    errors.push(`${files.length} files were put there by zdms, only ${FILES_MAX} are listed`);
  const packages = await surveyPackages(parts.packages, options, attempt);
  if (packages.length > PACKAGES_MAX)
    errors.push(`${packages.length} packages have offers, only ${PACKAGES_MAX} are listed`);
  const listed = packages.slice(0, PACKAGES_MAX);
  const names = listed.map(({ name }) => name);
  const use = await attempt<Uses | null>('the use of packages', () => parts.leftovers.use(names), null);
  return {
    survey: {
      surveyedAtMs: parts.now(),
      rebootNeeded: reboot.needed === 'yes',
      rebootReasons: [...reboot.reasons],
      staleServices: (old?.units ?? []).filter(({ handling }) => handling !== 'passing').map(({ unit }) => unit),
      packages: withIdsThatFit(withOffersThatFit(listed)).map((one) => ({
        ...onWire(one),
        ...useOf(use?.get(one.name)),
      })),
      usesKnown: use !== null,
      updaters: [...updaters],
      keepsRoot,
      firmware: firmware.slice(0, FIRMWARE_DEVICES_MAX).map(deviceOnWire),
      files: filesOnWire(files ?? []),
      filesKnown: files !== null,
      error: errors.join('; '),
    },
    hardwareModel,
  };
}

type Uses = ReadonlyMap<string, PackageUse>;

function useOf(use: PackageUse | undefined) {
  return { usedBy: [...(use?.usedBy ?? [])], rebootBecause: use?.rebootBecause ?? '' };
}

function onWire(state: PackageState) {
  const offers = state.offers.map((offer) => {
    return { ...offer, advisories: [...offer.advisories], cves: [...offer.cves] };
  });
  return { ...state, offers };
}

function deviceOnWire({ offers, ...device }: FirmwareDevice) {
  const newest = offers.slice(0, FIRMWARE_OFFERS_MAX);
  return { ...device, offers: newest.map(({ version, sha256 }) => ({ version, sha256: sha256 ?? '' })) };
}

function filesOnWire(files: readonly SurveyedFile[]) {
  const [drifted, others] = [
    files.filter(({ drift }) => drift.length > 0),
    files.filter(({ drift }) => drift.length === 0),
  ];
  return [...drifted, ...others].slice(0, FILES_MAX).map(({ path, drift }) => ({ path, drift: [...drift] }));
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

/** What a person should know of a survey that was written. Null: nothing. */
export interface SurveyWords {
  /** What could not be found out. */
  readonly error: string | null;
  /** Of which updates nobody knows what they close: no error, for many repositories do not say. */
  readonly unknownAdvisories: string | null;
}

/** Surveys this host and writes the file for the daemon. */
export async function surveyThisHost(
  files: HostFiles,
  options: SurveyOptions = { refresh: true },
): Promise<SurveyWords> {
  const packages = createHostPackages(systemCommands);
  let states: readonly PackageState[] = [];
  const found = await survey(
    {
      packages: { survey: async (refresh) => (states = await packages.survey(refresh)) },
      boot: createBoot(systemCommands),
      leftovers: createLeftovers(systemCommands, createUnits(systemCommands)),
      updaters: createSystemdUpdaters(systemCommands),
      snapshots: createBtrfs(systemCommands),
      firmware: createFwupd(systemCommands),
      files: createFileChanges(systemCommands),
      readHardwareModel,
      now: () => Date.now(),
    },
    options,
  );
  await writeFileAtomically(files.survey, `${JSON.stringify(found)}\n`, { mode: 0o644 });
  const { error = '' } = found.survey;
  return { error: error === '' ? null : error, unknownAdvisories: unknownAdvisories(states) };
}

async function readHardwareModel(): Promise<string> {
  const { manufacturer, model } = await system();
  return [manufacturer, model].filter((part) => part !== '').join(' ');
}
