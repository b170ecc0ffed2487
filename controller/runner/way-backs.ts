import { ZdmsError } from '../../lib/zdms-error.ts';
import type { Plan } from '../core/plan.ts';
import { policy } from '../core/quarantine.ts';
import type { Rollout } from '../core/rollout.ts';
import { wayBackDue, wayBackFrom } from '../core/way-back-due.ts';
import type { Clock } from '../ports/clock.ts';
import type { FleetOperations } from './fleet-operations.ts';
import type { RolloutRunner, RunnerLog } from './rollout-runner.ts';

/** What keeps a way back from beginning is mostly over within seconds (ms). */
const lookEveryMs = 1000;

export interface WayBackParts {
  readonly runner: Pick<RolloutRunner, 'lately'>;
  readonly operations: Pick<FleetOperations, 'planChange' | 'apply'>;
  readonly clock: Clock;
  readonly log: RunnerLog;
}

/** A way back that could not begin yet. Its plan is kept: each try with a new one would fill the store while a halt lasts. */
interface Waiting {
  plan: Plan | null;
  /** What the log has been told last. */
  told: string;
}

/** Starts the ways back that the policy wants; whoever wrote `onFailure: undo` has been asked. Runs until the signal aborts. */
export async function startWayBacks(parts: WayBackParts, signal: AbortSignal): Promise<void> {
  const waiting = new Map<string, Waiting>();
  while (!signal.aborted) {
    for (const rollout of wayBackDue(parts.runner.lately())) {
      const way = waiting.get(rollout.id) ?? { plan: null, told: '' };
      waiting.set(rollout.id, way);
      if (await begin(parts, rollout, way)) waiting.delete(rollout.id);
    }
    await parts.clock.sleep(lookEveryMs, signal);
  }
}

/** False: it cannot begin now, because of a halt, a limit, a store that cannot be written. */
async function begin({ operations, log }: WayBackParts, undone: Rollout, way: Waiting): Promise<boolean> {
  try {
    way.plan ??= await operations.planChange(wayBackFrom(undone));
    const rollout = await operations.apply(way.plan.hash, policy, way.plan.hosts.length);
    log.info({ rollout, undoes: undone.id }, 'the policy takes back what a rollout brought');
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof ZdmsError ? error.code : message;
    if (code === 'ZDMS_PLAN_STALE') way.plan = null;
    if (code !== way.told) log.error({ undoes: undone.id, error: message }, 'a way back cannot begin yet');
    way.told = code;
    return false;
  }
}
