import type { OrderedFirmware } from '../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../step-context.ts';

/** A device whose firmware can be updated from this host. */
export type FirmwareDevice = {
  /** The same on every boot of this host; hosts of one model mostly have the same. */
  readonly id: string;
  /** For people; several devices of a host may have the same. */
  readonly name: string;
  readonly version: string;
  /** New firmware runs only after a boot of the host. */
  readonly needsReboot: boolean;
  /** Newer than what it has, the newest first. */
  readonly offers: readonly FirmwareOffer[];
};

/** `sha256`: of the file that brings it, hex; null where nobody says. */
export type FirmwareOffer = { readonly version: string; readonly sha256: string | null };

/**
 * Firmware of this host's devices. Writing it can neither be repeated nor taken back, so each write is on disk before it begins, and one
 * whose end nobody knows stops all others of its device until a person has looked. `plan` is the plan's hash. Failures are thrown as
 * StepFailure.
 */
export interface Firmware {
  /** Empty where this host has nothing that could update firmware. Throws Error when that is there and does not answer. */
  survey(): Promise<readonly FirmwareDevice[]>;
  /**
   * Could all of it be written? Changes nothing. A device that has its version already is good, and so is one that was written
   * under this plan. Throws `fwupd-unavailable`,
   * `not-as-planned`, `firmware-unobtainable`, `firmware-not-ready`, or `firmware-unknown` after a write whose end nobody knows.
   */
  check(plan: string, wanted: readonly OrderedFirmware[]): Promise<void>;
  /**
   * Writes one after the other, each at most once for a plan: again, it only tells what the first time became. It is never stopped
   * half-way. Throws what `check` throws, and `firmware-failed`.
   */
  write(plan: string, wanted: readonly OrderedFirmware[], context: StepContext): Promise<FirmwareWrites>;
  /**
   * Throws `firmware-failed`, with the reason that the machine gave, where a device does not run its version. `booted`: this host was
   * booted for it; else one that waits for its boot is good.
   */
  prove(wanted: readonly OrderedFirmware[], booted: boolean): Promise<void>;
}

/** Names of the devices that have their firmware only after a boot. */
export type FirmwareWrites = { readonly awaitBoot: readonly string[] };
