import type { Change } from '../change.ts';
import { type MachineItem, type PlannedFirmware, type WantedFirmware, wantsMachineFirmware } from '../firmware.ts';
import type { FirmwareDevice, InventoryEntry } from '../inventory.ts';
import type { Reason } from '../reason.ts';

/** What the firmware of a change means for one host. */
export interface FirmwareTarget {
  readonly firmware: readonly PlannedFirmware[];
  /** Wanted, and no device of this host has that name or id. */
  readonly unknown: readonly string[];
  /** Why the host cannot have it, and so gets nothing. */
  readonly refused: Reason | null;
}

const noFirmware: FirmwareTarget = { firmware: [], unknown: [], refused: null };

/**
 * Freezes the firmware of a change for one host, from its survey and from what its management controller told. Devices that have their
 * version already get nothing.
 */
export function targetFirmware({ firmware, reboot }: Change, { report, machine }: InventoryEntry): FirmwareTarget {
  const survey = report?.survey ?? null;
  if (firmware === undefined || survey === null) return noFirmware;
  const devices = survey.firmware ?? [];
  if (firmware === 'pending') return refusedWithoutBoot(pendingFirmware(devices), reboot);
  const ofHost = namedFirmware(firmware, devices);
  const ofMachine = wantsMachineFirmware(firmware) ? imagesFor(firmware, machine) : noFirmware;
  const target = {
    firmware: [...ofHost.firmware, ...ofMachine.firmware],
    unknown: [...ofHost.unknown, ...ofMachine.unknown],
    refused: ofHost.refused ?? ofMachine.refused,
  };
  return refusedWithoutBoot(target, reboot);
}

/** What a management controller brings may need no boot, as its own firmware: nobody says, and it is proven in the end. */
function refusedWithoutBoot(target: FirmwareTarget, reboot: Change['reboot']): FirmwareTarget {
  const afterBoot = target.firmware.find(({ needsReboot, image }) => needsReboot && image === undefined);
  if (reboot !== 'never' || afterBoot === undefined) return target;
  return { ...target, refused: { code: 'firmware-needs-reboot', device: afterBoot.name } };
}

function pendingFirmware(devices: readonly FirmwareDevice[]): FirmwareTarget {
  return { ...noFirmware, firmware: devices.flatMap((device) => planned(device, device.offers[0]) ?? []) };
}

function namedFirmware(wanted: readonly WantedFirmware[], devices: readonly FirmwareDevice[]): FirmwareTarget {
  const firmware: PlannedFirmware[] = [];
  const unknown: string[] = [];
  let refused: Reason | null = null;
  for (const { device: nameOrId, version, image } of wanted) {
    if (image !== undefined) continue;
    const meant = devices.filter(({ id, name }) => id === nameOrId || name === nameOrId);
    if (meant.length === 0) unknown.push(nameOrId);
    for (const device of meant) {
      if (device.version === version || firmware.some((each) => each.device === device.id)) continue;
      const offer = version === null ? device.offers[0] : device.offers.find((each) => each.version === version);
      const found = planned(device, offer);
      if (found !== null) firmware.push(found);
      else if (version !== null) refused ??= { code: 'firmware-not-offered', device: nameOrId, version };
    }
  }
  return { firmware, unknown, refused };
}

function planned(
  { id, name, version: from, needsReboot }: FirmwareDevice,
  offer: FirmwareDevice['offers'][number] | undefined,
): PlannedFirmware | null {
  return offer === undefined ? null : { device: id, name, from, ...offer, needsReboot };
}

function imagesFor(wanted: readonly WantedFirmware[], machine: InventoryEntry['machine']): FirmwareTarget {
  if (machine?.kind !== 'read') {
    const detail = machine?.detail ?? 'its management controller was not asked';
    return { ...noFirmware, refused: { code: 'machine-not-read', detail } };
  }
  const firmware: PlannedFirmware[] = [];
  const unknown: string[] = [];
  let refused: Reason | null = null;
  for (const { device, version, image } of wanted) {
    if (image === undefined || version === null) continue;
    const item = itemNamed(machine.items, device);
    if (item === undefined) unknown.push(device);
    else if (item.version === version || firmware.some((each) => each.device === item.id)) continue;
    else if (!item.updateable) refused ??= { code: 'firmware-not-updateable', device };
    else {
      const { id, name, version: from } = item;
      firmware.push({ ...{ device: id, name, from, version, sha256: null, image }, needsReboot: true });
    }
  }
  return { firmware, unknown, refused };
}

function itemNamed(items: readonly MachineItem[], nameOrId: string): MachineItem | undefined {
  return items.find(({ id }) => id === nameOrId) ?? items.find(({ name }) => name === nameOrId);
}
