import type { Units } from '../../agent/platform/units/units.ts';
import type { BootLife } from './boot-life.ts';
import type { SimulatedSystem } from './simulated-system.ts';

/** What a service manager on this boot works with. `runJob`: what `zdms-agent exec --job TOKEN` does. */
export interface UnitsOptions {
  readonly system: SimulatedSystem;
  readonly boot: BootLife;
  readonly runJob: (token: string) => Promise<void>;
}

const DONE = { exitCode: 0, stdout: '', stderr: '', timedOut: false } as const;

/** A service manager that can start one program, the executor's own job; it goes on whatever becomes of the session that asked. */
export function simulatedUnits({ system, boot, runJob }: UnitsOptions): Units {
  const atWork = new Set<string>();
  return {
    async failed() {
      await boot.takes(0);
      return system.faults.failedUnits;
    },
    async isAtWork(unit) {
      await boot.takes(0);
      return atWork.has(unit);
    },
    async launch(unit, argv) {
      await boot.takes(0);
      const token = argv.at(-1) ?? '';
      atWork.add(unit);
      // What goes wrong in a job is in its journal; as a unit of systemd it would only be one that has ended.
      void runJob(token)
        .catch(() => undefined)
        .finally(() => atWork.delete(unit));
      return DONE;
    },
    // Of services, only what they run is simulated (`simulated-leftovers.ts`).
    describe: async () => [],
    restart: async () => DONE,
    reexecuteManager: async () => DONE,
  };
}
