import type { Boot } from '../../agent/platform/boot/boot.ts';
import type { CommandResult } from '../../agent/platform/run-command.ts';
import type { BootLife } from './boot-life.ts';
import type { SimulatedSystem } from './simulated-system.ts';

function result(exitCode: number, stderr = ''): CommandResult {
  return { exitCode, stdout: '', stderr, timedOut: false };
}

/** Boots of a simulated host. `goDown` is called once for each reboot that the system takes; it returns at once. */
export function simulatedBoot(system: SimulatedSystem, boot: BootLife, goDown: () => void): Boot {
  return {
    async bootId() {
      await boot.takes(0);
      return boot.id;
    },
    async reboot() {
      await boot.takes(0);
      if (system.faults.reboot === 'refused') return result(1, 'Call to Reboot failed: Access denied');
      goDown();
      return result(0);
    },
    async rebootNeeded() {
      await boot.takes(0);
      const reasons = system.rebootRequired ? ['/run/reboot-required'] : [];
      return { needed: system.rebootRequired ? 'yes' : 'no', reasons };
    },
    async kernel() {
      await boot.takes(0);
      return { kernel: 'current', running: '6.1', expected: '6.1' };
    },
    async hindrances() {
      await boot.takes(0);
      return [];
    },
  };
}
