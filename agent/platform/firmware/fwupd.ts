import type { OrderedFirmware } from '../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../run-command.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import type { Firmware } from './firmware.ts';
import { type FwupdDevice, readDevices, refusalIn, updateStates } from './fwupd-answers.ts';
import { type WriteRecord, WriteRecords } from './write-records.ts';

/** Its daemon is started by the question, and looks at every device first. */
const ASK_TIMEOUT_MS = 60_000;
/** Some devices take a quarter of an hour. It is left running then: a write that is cut off can cost the device. */
const WRITE_TIMEOUT_MS = 25 * 60_000;
/** `fwupdmgr` says by it that there is no device, or nothing on offer. */
const NOTHING_TO_DO = 2;
const OUTPUT_CHARACTERS_SHOWN = 1000;

/** What differs between this host and a test; each defaults to the host's. */
export type FwupdSetting = {
  /** Where writes are kept. */
  readonly records?: string;
  /** UTC ms. */
  readonly now?: () => number;
};

/** Firmware by fwupd (seen with 2.0.20), as its own command line tells and does it. */
export function createFwupd(commands: Commands, setting: FwupdSetting = {}): Firmware {
  return new Fwupd(commands, new WriteRecords(setting.records ?? '/var/lib/zdms/firmware'), setting.now ?? Date.now);
}

class Fwupd implements Firmware {
  readonly #commands: Commands;
  readonly #records: WriteRecords;
  readonly #now: () => number;

  constructor(commands: Commands, records: WriteRecords, now: () => number) {
    this.#commands = commands;
    this.#records = records;
    this.#now = now;
  }

  async survey() {
    const devices = (await this.#ask()) ?? [];
    return devices
      .filter(({ isUpdatable }) => isUpdatable)
      .map(({ id, name, version, needsReboot, offers }) => ({ id, name, version, needsReboot, offers }));
  }

  async check(plan: string, wanted: readonly OrderedFirmware[]) {
    const devices = await this.#devices();
    for (const one of wanted) {
      const device = find(devices, one);
      const record = await this.#lastWrite(one, device);
      if (device.version !== one.version && !isOf(record, plan, one)) refuseUnready(device, one);
    }
  }

  async write(plan: string, wanted: readonly OrderedFirmware[], context: StepContext) {
    const awaitBoot: string[] = [];
    for (const one of wanted) {
      if (await this.#writeOnce(plan, one, context)) continue;
      awaitBoot.push(find(await this.#devices(), one).name);
    }
    return { awaitBoot };
  }

  async prove(wanted: readonly OrderedFirmware[], booted: boolean) {
    const devices = await this.#devices();
    for (const one of wanted) {
      const { name, version, updateError, updateState } = find(devices, one);
      if (version === one.version || (!booted && updateState === updateStates.awaitsBoot)) continue;
      throw failed(`${name} runs ${version} and not ${one.version}`, updateError || 'fwupd gives no reason');
    }
  }

  /** True: it runs already. False: it will, after a boot. */
  async #writeOnce(plan: string, wanted: OrderedFirmware, context: StepContext): Promise<boolean> {
    const device = find(await this.#devices(), wanted);
    const last = await this.#lastWrite(wanted, device);
    if (device.version === wanted.version) return true;
    if (isOf(last, plan, wanted)) {
      context.note(`${device.name} was written before under this plan: not again`);
      if (last.result?.kind === 'failed') throw failed(`${device.name} ${wanted.version}`, last.result.message);
      return isInForce(device, wanted);
    }
    refuseUnready(device, wanted);
    const { device: id, from, version } = wanted;
    const record: WriteRecord = { v: 1, device: id, plan, from, version, begunAt: this.#now(), result: null };
    await this.#records.write(record);
    await this.#install(device, record, context);
    return isInForce(find(await this.#devices(), wanted), wanted);
  }

  /** Throws `firmware-unknown` after a write whose end nobody knows, unless the device itself tells by its version. */
  async #lastWrite({ device: id, version }: OrderedFirmware, device: FwupdDevice): Promise<WriteRecord | null> {
    const record = await this.#records.read(id);
    if (record === null || record.result !== null || device.version === version) return record;
    throw this.#unknown(device, record, 'was begun, and its end is not known');
  }

  #unknown({ name, version, updateError }: FwupdDevice, record: WriteRecord, how: string): StepFailure {
    const words = updateError === '' ? '' : ` (${updateError})`;
    return new StepFailure(
      'firmware-unknown',
      `a write of ${record.version} to ${name} ${how}; it has ${version} now${words}. It is not written again. Next: look at ` +
        `the device (fwupdmgr get-devices, fwupdmgr get-history); where it is well, remove ${this.#records.pathOf(record.device)} and retry`,
    );
  }

  async #install(device: FwupdDevice, record: WriteRecord, context: StepContext): Promise<void> {
    context.note(`writing ${record.version} to ${device.name}`);
    const argv = ['fwupdmgr', 'install', record.device, record.version, '--assume-yes', '--json'];
    const silent = ['--no-unreported-check', '--no-metadata-check', '--no-reboot-check'];
    const { logPath } = context;
    const { exitCode, stdout, timedOut } = await context.measure('packages', () =>
      this.#commands.runLogged([...argv, ...silent], { timeoutMs: WRITE_TIMEOUT_MS, logPath }),
    );
    if (timedOut) throw this.#unknown(device, record, 'was still at work at the deadline, and was left running');
    if (exitCode === 0) return this.#records.write({ ...record, result: { kind: 'written' } });
    const message = refusalIn(stdout);
    if (message === null) throw this.#unknown(device, record, `ended with code ${exitCode} and no word of fwupd`);
    await this.#records.write({ ...record, result: { kind: 'failed', message } });
    throw failed(`${device.name} ${record.version}`, message);
  }

  async #devices(): Promise<readonly FwupdDevice[]> {
    const devices = await this.#ask().catch((error: unknown) => {
      throw unavailable(error instanceof Error ? error.message : String(error));
    });
    if (devices === null) throw unavailable('fwupdmgr is not installed');
    return devices;
  }

  /** Null: there is no fwupd on this host. */
  async #ask(): Promise<readonly FwupdDevice[] | null> {
    const argv = ['fwupdmgr', 'get-devices', '--json'];
    const { exitCode, stdout, stderr, timedOut } = await this.#commands.run(argv, { timeoutMs: ASK_TIMEOUT_MS });
    if (exitCode === 0) return readDevices(stdout);
    if (exitCode === NOTHING_TO_DO) return [];
    if (exitCode === null && stderr.includes('ENOENT')) return null;
    if (timedOut) throw new Error(`fwupdmgr did not answer within ${ASK_TIMEOUT_MS / 1000} s`);
    const said = (stdout + stderr).trim().slice(-OUTPUT_CHARACTERS_SHOWN);
    throw new Error(`fwupdmgr: ${refusalIn(stdout) ?? (said || `ended with code ${exitCode}`)}`);
  }
}

function find(devices: readonly FwupdDevice[], { device: id }: OrderedFirmware): FwupdDevice {
  const device = devices.find((each) => each.id === id);
  if (device !== undefined) return device;
  throw new StepFailure('firmware-unobtainable', `fwupd knows no device ${id} here. Next: see fwupdmgr get-devices`);
}

/** Was this very firmware written under this plan? */
function isOf(record: WriteRecord | null, plan: string, { version }: OrderedFirmware): record is WriteRecord {
  return record !== null && record.plan === plan && record.version === version;
}

function refuseUnready(device: FwupdDevice, { version, from, sha256 }: OrderedFirmware): void {
  const { name, problems, updateError, isUpdatable, updateState, offers } = device;
  if (device.version !== from)
    throw new StepFailure(
      'not-as-planned',
      `${name} has ${device.version}, and the plan was made for ${from}: plan again`,
    );
  if (updateState === updateStates.awaitsBoot)
    throw new StepFailure('firmware-not-ready', `${name}: an earlier update waits for a boot. Next: boot this host`);
  if (!isUpdatable || problems.length > 0) {
    const why = [...problems, updateError].filter((each) => each !== '').join(', ');
    throw new StepFailure('firmware-not-ready', `${name}: ${why || 'fwupd would not update it now'}`);
  }
  const offer = offers.find((each) => each.version === version);
  if (offer === undefined)
    throw new StepFailure('firmware-unobtainable', `${name}: fwupd does not offer ${version}. Next: plan again`);
  if (sha256 !== null && offer.sha256 !== sha256)
    throw new StepFailure(
      'firmware-unobtainable',
      `${name} ${version}: what fwupd offers (${offer.sha256 ?? 'no digest'}) is not what was planned (${sha256})`,
    );
}

/** After a write: it runs, or will after a boot. */
function isInForce(
  { name, version, needsReboot, updateState, updateError }: FwupdDevice,
  wanted: OrderedFirmware,
): boolean {
  if (version === wanted.version) return true;
  const hasFailed = updateState === updateStates.failed || updateState === updateStates.failedTransient;
  if (hasFailed || !needsReboot)
    throw failed(`${name} runs ${version} and not ${wanted.version}`, updateError || 'fwupd gives no reason');
  return false;
}

function failed(what: string, why: string): StepFailure {
  return new StepFailure(
    'firmware-failed',
    `${what}: ${why}. Next: see fwupdmgr get-history there; it is not tried again under this plan`,
  );
}

function unavailable(why: string): StepFailure {
  return new StepFailure('fwupd-unavailable', `${why}. Next: see systemctl status fwupd`);
}
