import type { Bmc } from '../../../controller/ports/bmc.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { takes } from './simulated-steps.ts';

const answerMs = 300;

/** What presses the power button of a simulated host, whatever runs on it. */
export function simulatedBmc(hosts: ReadonlyMap<string, SimulatedHost>, id: string, clock: Clock): Bmc | null {
  const host = hosts.get(id);
  if (host === undefined) return null;
  return {
    firmware: null,
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
