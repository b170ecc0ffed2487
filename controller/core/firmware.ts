/** Firmware as a change wants it: the newest on offer for each device of a host, or for devices by name or id. */
export type FirmwareChange = 'pending' | readonly WantedFirmware[];

/**
 * `device`: an id, or a name that any number of devices of a host may have. Null: the newest version that its host is offered.
 * `image`: the machine's management controller fetches that (a URL) and writes it, and `device` is one of its inventory; `version` is
 * what it then has to tell. Absent: the host itself does.
 */
export interface WantedFirmware {
  readonly device: string;
  readonly version: string | null;
  readonly image?: string;
}

/** Exactly this firmware for one device of a host. There is no way back from it. */
export interface PlannedFirmware {
  /** Its id: 40 hexadecimal digits, or with `image` as the management controller calls it. */
  readonly device: string;
  /** For people. */
  readonly name: string;
  readonly from: string;
  readonly version: string;
  /** Of the file that brings it, hex; null where nobody says. */
  readonly sha256: string | null;
  readonly needsReboot: boolean;
  /** Where the machine's management controller fetches it; absent: the host itself writes it. */
  readonly image?: string;
}

/** Firmware that the machine's management controller writes. */
export interface MachineFirmware {
  /** Its id in the controller's inventory. */
  readonly device: string;
  readonly from: string;
  readonly version: string;
  readonly image: string;
}

/** What a management controller told of its machine when it was asked; `detail`: why it did not. */
export type MachineInventory =
  | { readonly kind: 'read'; readonly items: readonly MachineItem[] }
  | { readonly kind: 'not-read'; readonly detail: string };

/** One piece of firmware by a management controller's inventory. */
export interface MachineItem {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly updateable: boolean;
}

/** Does a management controller have to be asked before this can be planned? */
export function wantsMachineFirmware(firmware: FirmwareChange | undefined): boolean {
  return Array.isArray(firmware) && firmware.some(({ image }: WantedFirmware) => image !== undefined);
}

/** The part of a host's firmware that its machine's management controller writes, in order. */
export function machineFirmware(firmware: readonly PlannedFirmware[] = []): readonly MachineFirmware[] {
  return firmware.flatMap(({ device, from, version, image }) =>
    image === undefined ? [] : [{ device, from, version, image }],
  );
}

/** The target of what a management controller tells of all its firmware; no pool is called so, nor with a blank in it. */
export const firmwareKey = 'firmware';

/** The target that has begun a write, and the one that has ended it. */
export function begunKey(device: string): string {
  return `firmware begun ${device}`;
}

export function writtenKey(device: string): string {
  return `firmware written ${device}`;
}

/** Was it for the management controller of the host, and not for a pool or the host itself? */
export function isFirmwareTarget(target: string): boolean {
  return target === firmwareKey || target.startsWith(`${firmwareKey} `);
}

/** After these failures nobody knows what a device runs, or whether it runs at all: its host waits for a person, whatever the policy. */
export const firmwareDoubts: ReadonlySet<string> = new Set([
  ...['firmware-failed', 'firmware-unknown', 'interrupted', 'internal-error'],
  // A device that is gone after its update, or a fwupd that fell over it, look so.
  ...['firmware-unobtainable', 'fwupd-unavailable'],
  // What a management controller tells at the end, or does not.
  ...['firmware-unproven', 'firmware-wrong-version', 'no-bmc'],
]);
