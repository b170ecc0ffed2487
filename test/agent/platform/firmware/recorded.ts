// What `fwupdmgr get-devices --json` of fwupd 2.0.20 printed in a lab host with a capsule for its system firmware, less what nobody reads.

export const DEVICE = 'b55e6bfe67b228df665da877873be0e19d52f0ad';
export const OLD = '65586';
export const NEW = '65590';
export const NEW_SHA256 = '7899f9dcafd6c7f70c146c390b7df58faf65c01f65c0d9f31c22a397cb3284bc';
export const BETWEEN = '65588';
const BETWEEN_SHA256 = 'c347054e7a2f55eabacf7f4a2a7c8a9404bbbd8385d5d173dd4fba2a750b5341';

const processor = {
  Name: 'EPYC',
  DeviceId: '4bde70ba4e39b28f9eab1628f9dd6e6244c03027',
  Plugin: 'cpu',
  Flags: ['internal'],
  Vendor: 'AMD',
  VersionFormat: 'hex',
};

function release(version: string, checksums: readonly string[]) {
  return {
    AppstreamId: 'zlab.system.firmware',
    RemoteId: 'vendor-directory',
    Name: 'System Firmware',
    Version: version,
    Protocol: 'org.uefi.capsule',
    Checksum: checksums,
    Locations: [`file:///usr/share/fwupd/remotes.d/vendor/firmware/zlab-${version}.cab`],
    Flags: ['trusted-payload', 'trusted-metadata', 'is-upgrade'],
  };
}

const ready = {
  Name: 'System Firmware',
  DeviceId: DEVICE,
  Guid: ['ddc0ee61-e7f0-4e7d-acc5-c070a398838e'],
  Plugin: 'uefi_capsule',
  Flags: ['internal', 'updatable', 'require-ac', 'supported', 'needs-reboot', 'usable-during-update'],
  Vendor: 'zdms lab',
  Version: OLD,
  VersionFormat: 'number',
  UpdateState: 2,
  Releases: [
    release(NEW, ['699198a8963e7c32ace348326fa423a46f030ef7', NEW_SHA256]),
    release(BETWEEN, ['c5286cbad5c5fb5288e8682eaa0c1337261ad40d', BETWEEN_SHA256]),
  ],
};
const notNow = ready.Flags.map((flag) => (flag === 'updatable' ? 'updatable-hidden' : flag));

/** The same device at each moment of an update. */
export const moments = {
  ready,
  /** The capsule lies on the EFI partition. */
  awaitsBoot: { ...ready, Flags: notNow, Problems: ['update-in-progress'], UpdateState: 4 },
  done: { ...ready, Version: NEW, Releases: [] },
  /** After a boot that took no capsule. */
  failed: {
    ...ready,
    UpdateState: 3,
    UpdateError: "boot entry missing: no 'Linux Firmware Updater' entry found",
  },
} as const;
/** One that has its firmware in no time, and goes on without a boot. */
export const withoutBoot = {
  ...ready,
  Flags: ['updatable', 'supported'],
} as const;

export function devices(...found: readonly object[]): string {
  return JSON.stringify({ Devices: [processor, ...found] });
}

/** How `fwupdmgr --json` refuses. */
export function refusal(message: string, domain = 'FwupdError'): string {
  return JSON.stringify({ Error: { Domain: domain, Code: 10, Message: message } });
}
