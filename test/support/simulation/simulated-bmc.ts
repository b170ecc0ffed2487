import { type Bmc, BmcError, type FirmwareService } from '../../../controller/ports/bmc.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { takes } from './simulated-steps.ts';

const answerMs = 300;

/** What presses the power button of a simulated host, whatever runs on it, and writes its firmware. */
export function simulatedBmc(hosts: ReadonlyMap<string, SimulatedHost>, id: string, clock: Clock): Bmc | null {
  const host = hosts.get(id);
  if (host === undefined) return null;
  return {
    firmware: firmwareOf(host, clock),
    async readPower() {
      await clock.sleep(answerMs);
      return 'on';
    },
    async powerCycle() {
      await clock.sleep(answerMs);
      if (host.isUp) void host.losePower(takes.boot);
      else if (host.disruptedBy === 'reboot') host.pressPowerButton();
      else host.comeUpByItself();
    },
  };
}

function firmwareOf({ chassis }: SimulatedHost, clock: Clock): FirmwareService {
  return {
    async readInventory() {
      await clock.sleep(answerMs);
      return chassis.items;
    },
    async startUpdate(imageUrl) {
      await clock.sleep(answerMs);
      const task = chassis.write(imageUrl, clock.now());
      await clock.sleep(answerMs);
      if (chassis.fault === 'reply-lost') throw new BmcError('unknown', 'the answer was cut off');
      return task;
    },
    async readTask() {
      await clock.sleep(answerMs);
      if (!chassis.hasWritten(clock.now())) return { state: 'running', percent: 50, message: '' };
      const failed = chassis.fault === 'fails';
      return { state: failed ? 'failed' : 'succeeded', percent: 100, message: failed ? 'the image is not for it' : '' };
    },
  };
}
