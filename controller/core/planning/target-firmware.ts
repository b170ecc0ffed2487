import type { Change } from '../change.ts';
import type { PlannedFirmware, WantedFirmware } from '../firmware.ts';
import type { FirmwareDevice, Survey } from '../inventory.ts';
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

/** Freezes the firmware of a change for one host, from its survey. Devices that have their version already get nothing. */
export function targetFirmware({ firmware, reboot }: Change, survey: Survey | null): FirmwareTarget {
  if (firmware === undefined || survey === null) return noFirmware;
  const devices = survey.firmware ?? [];
  const target = firmware === 'pending' ? pendingFirmware(devices) : namedFirmware(firmware, devices);
  const afterBoot = target.firmware.find(({ needsReboot }) => needsReboot);
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
  for (const { device: nameOrId, version } of wanted) {
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
