/** Firmware as a change wants it: the newest on offer for each device of a host, or for devices by name or id. */
export type FirmwareChange = 'pending' | readonly WantedFirmware[];

/** `device`: an id, or a name that any number of devices of a host may have. Null: the newest version that its host is offered. */
export interface WantedFirmware {
  readonly device: string;
  readonly version: string | null;
}

/** Exactly this firmware for one device of a host. There is no way back from it. */
export interface PlannedFirmware {
  /** Its id, 40 hexadecimal digits. */
  readonly device: string;
  /** For people. */
  readonly name: string;
  readonly from: string;
  readonly version: string;
  /** Of the file that brings it, hex; null where nobody says. */
  readonly sha256: string | null;
  readonly needsReboot: boolean;
}

/** After these failures nobody knows what a device runs, or whether it runs at all: its host waits for a person, whatever the policy. */
export const firmwareDoubts: ReadonlySet<string> = new Set([
  ...['firmware-failed', 'firmware-unknown', 'interrupted', 'internal-error'],
  // A device that is gone after its update, or a fwupd that fell over it, look so.
  ...['firmware-unobtainable', 'fwupd-unavailable'],
]);
