import { enumerate } from '../../../lib/enumerate.ts';
import type { RebootNeeded } from '../boot/boot.ts';
import type { UnitHandling } from './unit-handling.ts';

/** What still runs program files that are no longer on the disk. */
export type OldFiles = {
  readonly units: readonly OldUnit[];
  /** Files that systemd itself runs; empty: none. */
  readonly manager: readonly string[];
  /** Processes of people's logins. */
  readonly sessionProcesses: number;
  /** Names of processes that belong to no service. */
  readonly strays: readonly string[];
};

export type OldUnit = { readonly unit: string; readonly handling: UnitHandling; readonly files: readonly string[] };

/** The units to restart, in no order of their own, and whether systemd has to execute itself anew. */
export type Restarts = { readonly units: readonly string[]; readonly manager: boolean };

/** The least that makes a host run what is installed on it. */
export type LeastAction =
  | { readonly kind: 'none' }
  | { readonly kind: 'restart'; readonly restarts: Restarts }
  /** Whatever could be restarted is named too: it is all that is left where a reboot may not be. */
  | { readonly kind: 'reboot'; readonly because: readonly string[]; readonly restarts: Restarts }
  /** Nothing asks for a reboot, but nobody can tell whether the kernel is current. */
  | { readonly kind: 'unknown'; readonly restarts: Restarts };

/** Files and names in one reason; a library of everything would fill pages. */
const NAMED = 3;

/**
 * Decides from facts alone. People's logins ask for nothing: they end with their people, and a reboot would take them all away.
 * systemd itself never asks for a reboot: `systemctl daemon-reexec` makes it run its new files without any service noticing.
 */
export function leastAction(old: OldFiles, reboot: RebootNeeded): LeastAction {
  const restarts = restartsOf(old);
  const because = [...(reboot.needed === 'yes' ? reboot.reasons : []), ...old.units.flatMap(cannotRestart)];
  if (old.strays.length > 0) because.push(`${enumerate(old.strays, NAMED)}: no service's, and runs old files`);
  if (reboot.needed === 'yes' || because.length > 0) return { kind: 'reboot', because, restarts };
  if (reboot.needed === 'unknown') return { kind: 'unknown', restarts };
  return hasRestarts(restarts) ? { kind: 'restart', restarts } : { kind: 'none' };
}

/** What restarts can cure. */
export function restartsOf({ units, manager }: OldFiles): Restarts {
  return {
    units: units.filter(({ handling }) => handling === 'restart').map(({ unit }) => unit),
    manager: manager.length > 0,
  };
}

export function hasRestarts({ units, manager }: Restarts): boolean {
  return manager || units.length > 0;
}

function cannotRestart({ unit, handling, files }: OldUnit): readonly string[] {
  return handling === 'reboot' ? [`${unit} runs the old ${enumerate(files, NAMED)} and is never restarted`] : [];
}
