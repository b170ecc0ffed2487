import type { Change } from '../../../controller/core/change.ts';
import type { Fleet, Host, HostId } from '../../../controller/core/fleet.ts';
import type { Limits } from '../../../controller/core/limits.ts';
import type { Fault } from '../../support/simulation/faults.ts';

/** All that a seed stands for: a fleet, what is to be done to it, what goes wrong meanwhile, and what people do. Times: ms since the first rollout began. */
export interface Scenario {
  readonly seed: number;
  readonly kind: ScenarioKind;
  readonly site: Site;
  /** Null: a fleet without limits. */
  readonly limits: Limits | null;
  /** The first one begins at 0. */
  readonly rollouts: readonly RolloutStart[];
  readonly faults: readonly Fault[];
  readonly deeds: readonly Deed[];
}

/**
 * `calm`: nothing goes wrong at all. `healing`: all that goes wrong heals by itself, no step fails of its own, nobody ends a rollout and
 * the limits leave room, so that nothing of it needs a person. `anything`: whatever there is.
 */
export type ScenarioKind = 'calm' | 'healing' | 'anything';

/** A fleet, and what the fleet file does not say of it. */
export interface Site {
  readonly fleet: Fleet;
  readonly hosts: readonly Host[];
  readonly models: ReadonlyMap<HostId, string>;
  /** Members of quorum groups that have no vote. */
  readonly learners: readonly HostId[];
}

export interface RolloutStart {
  readonly id: string;
  readonly at: number;
  readonly change: Change;
}

/** What is done to the controller, or by people. `forMs`: until it is undone, or ends by itself. */
export type Deed = { readonly at: number } & (
  | { readonly kind: 'crash'; readonly forMs: number }
  /** Its machine stands still; another one takes the lead meanwhile, or does not. */
  | { readonly kind: 'freeze'; readonly forMs: number; readonly successorAfterMs: number | null }
  | { readonly kind: 'store-fails'; readonly forMs: number }
  | { readonly kind: 'clock-set'; readonly byMs: number; readonly forMs: number }
  | { readonly kind: 'limits-unreadable'; readonly forMs: number }
  | { readonly kind: 'halt'; readonly forMs: number }
  | { readonly kind: 'pause'; readonly rollout: string; readonly forMs: number }
  | { readonly kind: 'abort'; readonly rollout: string }
  | { readonly kind: 'edit-fleet' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'release' }
);

/** A host is told to reboot within this time (ms), mostly. */
const returnsAfterMs = 60_000;

/** When everything that was to happen has happened, as far as it ends at all (ms). */
export function quietAt({ faults, deeds, rollouts }: Scenario): number {
  const ends = [...faults.map(faultEnd), ...deeds.map(deedEnd), ...rollouts.map((each) => each.at)];
  return Math.max(0, ...ends.filter((end) => end !== Infinity));
}

function faultEnd(fault: Fault): number {
  if ('to' in fault) return fault.to;
  // Some time after its reboot, whenever that is.
  if (fault.kind === 'returns-late') return fault.afterMs + returnsAfterMs;
  const beginsAt = 'at' in fault ? fault.at : 0;
  return beginsAt + ('forMs' in fault ? fault.forMs : 0);
}

/** What was seen while the clock was ahead counts as new until the clock has come there again. */
function deedEnd(deed: Deed): number {
  const ahead = deed.kind === 'clock-set' ? Math.max(0, deed.byMs) : 0;
  return deed.at + ('forMs' in deed ? deed.forMs : 0) + ahead;
}
