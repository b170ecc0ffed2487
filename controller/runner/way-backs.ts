import { policy } from '../core/quarantine.ts';
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

/** Starts the ways back that the policy wants; whoever wrote `onFailure: undo` has been asked. Runs until the signal aborts. */
export async function startWayBacks(parts: WayBackParts, signal: AbortSignal): Promise<void> {
  const told = new Set<string>();
  while (!signal.aborted) {
    for (const rollout of wayBackDue(parts.runner.lately())) {
      const failure = await startWayBack(parts, wayBackFrom(rollout), rollout.id);
      // A halt, a limit, a store that cannot be written: told once, tried again with every look.
      if (failure === null || told.has(failure)) continue;
      told.add(failure);
      parts.log.error({ undoes: rollout.id, error: failure }, 'a way back cannot begin yet');
    }
    await parts.clock.sleep(lookEveryMs, signal);
  }
}

async function startWayBack(
  { operations, log }: WayBackParts,
  change: ReturnType<typeof wayBackFrom>,
  undoes: string,
): Promise<string | null> {
  try {
    const plan = await operations.planChange(change);
    const rollout = await operations.apply(plan.hash, policy, plan.hosts.length);
    log.info({ rollout, undoes }, 'the policy takes back what a rollout brought');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
