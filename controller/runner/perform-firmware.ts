import type { FirmwareAction, Intent, Outcome, StepEvidence } from '../core/event.ts';
import type { Host } from '../core/fleet.ts';
import { BmcError, type FirmwareItem, type FirmwareService } from '../ports/bmc.ts';
import type { Executors } from './executors.ts';

/** A management controller is not asked more often than this, by everything that waits. */
const pauseMs = 2000;

type FirmwareIntent = Intent & { readonly action: FirmwareAction };

interface Errand {
  readonly intent: FirmwareIntent;
  readonly host: Host;
  readonly ports: Executors;
  readonly firmware: FirmwareService;
}

/**
 * Has a machine's management controller do its part of an update. To begin is sent once: `fresh` as for `perform`; otherwise it may have
 * been, and only the inventory tells. Everything else reads, and is done as often as need be.
 */
export async function performFirmware(
  intent: FirmwareIntent,
  host: Host,
  fresh: boolean,
  ports: Executors,
): Promise<Outcome> {
  const firmware = ports.bmcOf(host.id)?.firmware ?? null;
  if (firmware === null) return failed('no-bmc', `controller.yaml names no Redfish controller for ${host.id}`);
  const errand = { intent, host, ports, firmware };
  const { action } = intent;
  switch (action.kind) {
    case 'checkFirmware':
      return check(errand, action);
    case 'beginFirmware':
      return fresh ? begin(errand, action) : lookForBegun(errand, action);
    case 'awaitFirmware':
      return awaitEnd(errand, action);
    case 'proveFirmware':
      return prove(errand, action);
  }
}

type ActionOf<K extends FirmwareAction['kind']> = Extract<FirmwareAction, { kind: K }>;

async function check({ firmware }: Errand, action: ActionOf<'checkFirmware'>): Promise<Outcome> {
  return whileNothingIsBegun(async () => {
    const items = await firmware.readInventory();
    for (const { device, from, version } of action.firmware) {
      const item = items.find(({ id }) => id === device);
      if (item === undefined)
        return failed('firmware-changed', `its management controller knows no ${device} any more`);
      if (item.version !== from && item.version !== version)
        return failed('firmware-changed', `${device} has ${item.version}, and the plan was made for ${from}`);
    }
    return succeeded(null);
  });
}

async function begin({ firmware, ports }: Errand, action: ActionOf<'beginFirmware'>): Promise<Outcome> {
  return whileNothingIsBegun(async () => {
    const { device, version, image } = action;
    if (versionIn(await firmware.readInventory(), device) === version) return succeeded(null);
    if (ports.isHalted()) return { kind: 'unreachable', detail: 'halted before it was sent' };
    return succeeded(await firmware.startUpdate(image, [device]));
  });
}

/** What a predecessor was about to begin: where the version is there, there is nothing left to write. */
async function lookForBegun({ firmware }: Errand, action: ActionOf<'beginFirmware'>): Promise<Outcome> {
  const { device, version } = action;
  const unknown: Outcome = { kind: 'unknown', detail: `firmware of ${device} may have been begun` };
  try {
    return versionIn(await firmware.readInventory(), device) === version ? succeeded(null) : unknown;
  } catch (error) {
    if (error instanceof BmcError) return unknown;
    throw error;
  }
}

/**
 * Until the task has ended. Controllers forget tasks, above all when they restart for their own firmware: then the inventory tells, if
 * it shows the version before a boot.
 */
async function awaitEnd(errand: Errand, { device, version, task }: ActionOf<'awaitFirmware'>): Promise<Outcome> {
  const { firmware, ports } = errand;
  const since = ports.clock.now();
  const written = (): Outcome => succeeded(null, { firmware: ports.clock.now() - since });
  return untilDeadline(errand, 'unknown', async () => {
    try {
      const { state, percent, message } = await firmware.readTask(task);
      if (state === 'succeeded') return written();
      if (state === 'failed') return failed('firmware-failed', message || 'its management controller does not say why');
      return `still at work${percent === null ? '' : `: ${percent} %`}${message && ` (${message})`}`;
    } catch (error) {
      if (!(error instanceof BmcError) || error.kind !== 'refused') throw error;
      return versionIn(await firmware.readInventory(), device) === version ? written() : error.message;
    }
  });
}

/** Some show a new version only a while after the boot. */
async function prove(errand: Errand, action: ActionOf<'proveFirmware'>): Promise<Outcome> {
  return untilDeadline(errand, 'failed', async () => {
    const items = await errand.firmware.readInventory();
    const wrong = action.firmware.find(({ device, version }) => versionIn(items, device) !== version);
    if (wrong === undefined) return succeeded(null);
    const present = versionIn(items, wrong.device);
    return `${wrong.device} ${present === undefined ? 'is not there any more' : `has ${present}`}, not ${wrong.version}`;
  });
}

/** Looks again and again; a text says what is still missing. */
async function untilDeadline(
  { intent, ports }: Errand,
  late: 'unknown' | 'failed',
  look: () => Promise<Outcome | string>,
): Promise<Outcome> {
  let missing = 'not asked before the deadline';
  let wasRead = false;
  do {
    try {
      const seen = await look();
      if (typeof seen !== 'string') return seen;
      [missing, wasRead] = [seen, true];
    } catch (error) {
      if (!(error instanceof BmcError)) throw error;
      missing = error.message;
    }
    await ports.clock.sleep(pauseMs);
  } while (ports.clock.now() < intent.deadlineAt);
  if (late === 'unknown') return { kind: 'unknown', detail: missing };
  return failed(wasRead ? 'firmware-wrong-version' : 'firmware-unproven', missing);
}

/** Up to what acts: by the port, everything but `unknown` says that certainly nothing was begun. */
async function whileNothingIsBegun(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BmcError)) throw error;
    switch (error.kind) {
      case 'unreachable':
      case 'bad-answer':
        return { kind: 'unreachable', detail: error.message };
      case 'refused':
        return failed('bmc-refused', error.message);
      case 'unknown':
        return { kind: 'unknown', detail: error.message };
    }
  }
}

function versionIn(items: readonly FirmwareItem[], device: string): string | undefined {
  return items.find(({ id }) => id === device)?.version;
}

function succeeded(task: string | null, spentMs: StepEvidence['spentMs'] = {}): Outcome {
  const nothingOfBoots = { bootId: null, bootIdBefore: null, versions: {}, rebootNeeded: null, remarks: [] };
  const evidence: StepEvidence = { ...nothingOfBoots, spentMs, task };
  return { kind: 'succeeded', evidence };
}

function failed(code: string, message: string): Outcome {
  return { kind: 'failed', failure: { code, message }, evidence: null };
}
