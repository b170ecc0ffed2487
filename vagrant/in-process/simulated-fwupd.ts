import type { CommandResult, Commands } from '../../agent/platform/run-command.ts';
import type { BootLife } from './boot-life.ts';
import type { SimulatedFirmware, SimulatedSystem } from './simulated-system.ts';

/** As fwupd calls the states of an update. */
const states = { success: 2, failed: 3, awaitsBoot: 4 } as const;
const FLAGS = ['internal', 'supported', 'needs-reboot'] as const;

/** `fwupdmgr` of a simulated host, so that what asks it is the real thing: one device whose firmware is taken at the next boot. */
export function simulatedFwupd(system: SimulatedSystem, boot: BootLife): Commands {
  async function run([program, verb, , version = '']: readonly string[]): Promise<CommandResult> {
    await boot.takes(0);
    const { firmware } = system;
    if (program !== 'fwupdmgr' || firmware === null) return result(null, '', `spawn ${program} ENOENT`);
    if (verb === 'get-devices') return result(0, JSON.stringify({ Devices: [deviceOf(firmware)] }));
    firmware.writes.push(version);
    // What a power cut in here leaves is no capsule that a boot would take.
    await boot.takes(firmware.writeMs);
    firmware.waiting = version;
    system.rebootRequired = true;
    return result(0, '');
  }
  return { run, runLogged: run };
}

function deviceOf({ device, version, offers, waiting, failure }: SimulatedFirmware) {
  return {
    Name: 'System Firmware',
    DeviceId: device,
    Version: version,
    Flags: [...FLAGS, waiting === null ? 'updatable' : 'updatable-hidden'],
    Problems: waiting === null ? [] : ['update-in-progress'],
    UpdateState: waiting === null ? states[failure === null ? 'success' : 'failed'] : states.awaitsBoot,
    UpdateError: failure ?? '',
    Releases: offers
      .filter((offer) => offer !== version)
      .map((offer) => ({ Version: offer, Checksum: ['a'.repeat(64)], Flags: ['is-upgrade'] })),
  };
}

/** What a machine does before its system starts: take what waits, unless it will not. */
export function takeFirmware({ firmware, faults }: SimulatedSystem): void {
  if (firmware === null || firmware.waiting === null) return;
  firmware.failure = faults.firmwareRefused;
  if (faults.firmwareRefused === null) firmware.version = firmware.waiting;
  firmware.waiting = null;
}

function result(exitCode: number | null, stdout: string, stderr = ''): CommandResult {
  return { exitCode, stdout, stderr, timedOut: false };
}
