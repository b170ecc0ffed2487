import { z } from 'zod';
import { firmwareDeviceId, packageVersion } from '../../../proto/zdms/v1/executor.ts';
import type { FirmwareDevice } from './firmware.ts';

// What `fwupdmgr --json` prints (fwupd 2.0.20). What is not needed is not looked at.

/** `FwupdUpdateState` of libfwupd. */
export const updateStates = { failed: 3, awaitsBoot: 4, failedTransient: 5 } as const;

const release = z.object({
  Version: z.string(),
  /** Of the cabinet, in several algorithms. */
  Checksum: z.array(z.string()).default([]),
  Flags: z.array(z.string()).default([]),
});
const device = z.object({
  Name: z.string().default(''),
  DeviceId: z.string(),
  Version: z.string().default(''),
  Flags: z.array(z.string()).default([]),
  Problems: z.array(z.string()).default([]),
  UpdateState: z.int().default(0),
  UpdateError: z.string().default(''),
  Releases: z.array(release).default([]),
});
const devices = z.object({ Devices: z.array(device) });
/** Its own errors have this domain; others come from below it, when it has gone away meanwhile for one. */
const failure = z.object({ Error: z.object({ Domain: z.literal('FwupdError'), Message: z.string() }) });

/** A device as fwupd tells it, whether or not it can be updated. */
export type FwupdDevice = FirmwareDevice & {
  /** It can be updated, and now. */
  readonly isUpdatable: boolean;
  /** Why it cannot, in fwupd's words: `require-ac-power`, `update-in-progress`. */
  readonly problems: readonly string[];
  /** See `updateStates`. */
  readonly updateState: number;
  readonly updateError: string;
};

const NAME_CHARACTERS_MAX = 100;
const SHA256 = /^[0-9a-f]{64}$/;

/** Throws Error where it is no list of devices. Devices and releases whose ids or versions could not stand in an order are left out. */
export function readDevices(text: string): readonly FwupdDevice[] {
  return devices.parse(JSON.parse(text)).Devices.flatMap((found) => {
    const { DeviceId: id, Version: version, UpdateState: updateState, UpdateError: updateError } = found;
    if (!firmwareDeviceId.safeParse(id).success || !packageVersion.safeParse(version).success) return [];
    return [
      {
        ...{ id, version, updateState, updateError, problems: found.Problems },
        // What needs the machine's power off is nothing that a boot brings.
        isUpdatable: found.Flags.includes('updatable') && !found.Flags.includes('needs-shutdown'),
        name: found.Name.slice(0, NAME_CHARACTERS_MAX),
        needsReboot: found.Flags.includes('needs-reboot'),
        offers: found.Releases.filter(isOffered).map(({ Version, Checksum }) => {
          return { version: Version, sha256: Checksum.find((each) => SHA256.test(each)) ?? null };
        }),
      },
    ];
  });
}

/** Newer firmware alone: an older one mostly cannot be written, and often not with what it would take to know that. */
function isOffered({ Version, Flags }: z.infer<typeof release>): boolean {
  if (!packageVersion.safeParse(Version).success) return false;
  return Flags.includes('is-upgrade') && !Flags.some((flag) => flag.startsWith('blocked'));
}

/** Why it did not do what it was told, in its own words. Null: nobody knows whether it did it. */
export function refusalIn(printed: string): string | null {
  try {
    return failure.parse(JSON.parse(printed.slice(printed.indexOf('{')))).Error.Message;
  } catch {
    return null;
  }
}
