import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import type { Units } from '../units/units.ts';
import type { Restarts } from './least-action.ts';

/** See `Leftovers.restart`. */
export async function restartServices(
  units: Pick<Units, 'restart' | 'reexecuteManager' | 'failed'>,
  restarts: Restarts,
  context: StepContext,
): Promise<void> {
  if (restarts.units.length > 0) await restartUnits(units, restarts.units, context);
  if (!restarts.manager) return;
  context.note('systemd executes itself anew');
  const result = await units.reexecuteManager();
  if (result.exitCode !== 0)
    throw new StepFailure('restart-failed', `systemctl daemon-reexec: ${result.stderr.slice(0, 1000)}`);
}

async function restartUnits(
  units: Pick<Units, 'restart' | 'failed'>,
  names: readonly string[],
  context: StepContext,
): Promise<void> {
  context.note(`restarts ${names.join(' ')}`);
  const result = await units.restart(names);
  if (result.exitCode === 0) return;
  const failed = ((await units.failed()) ?? []).filter((name) => names.includes(name));
  const which = failed.length > 0 ? failed : names;
  const why = result.timedOut ? 'still at it at the deadline' : result.stderr.trim().slice(0, 1500);
  throw new StepFailure('restart-failed', `${which.join(', ')}: ${why}`);
}
