import type { Leftovers } from '../../agent/platform/leftovers/leftovers.ts';
import type { BootLife } from './boot-life.ts';
import type { SimulatedSystem } from './simulated-system.ts';

/** What still runs old files on this boot. Units are restarted in no time, and come back. */
export function simulatedLeftovers(system: SimulatedSystem, boot: BootLife): Leftovers {
  return {
    async find() {
      await boot.takes(0);
      const units = [...system.oldUnits].map((unit) => ({
        unit,
        handling: 'restart' as const,
        files: ['/usr/lib/old'],
      }));
      return { units, manager: [], sessionProcesses: 0, strays: [] };
    },
    async restart({ units }) {
      await boot.takes(0);
      for (const unit of units) system.oldUnits.delete(unit);
    },
    async use(packages) {
      await boot.takes(0);
      return new Map(packages.map((name) => [name, { usedBy: system.usedBy.get(name) ?? [], rebootBecause: null }]));
    },
  };
}
