import { enumerate } from '../../lib/enumerate.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { foldEvents } from '../core/evolve.ts';
import type { Rollout } from '../core/rollout.ts';
import type { OperationsParts } from './operations-parts.ts';

type Parts = Pick<OperationsParts, 'runner' | 'store'>;

/** By id, open or ended; an empty id means the only open one, otherwise the last one. Throws ZdmsError where that names none, or several. */
export async function findRollout({ runner, store }: Parts, id: string): Promise<Rollout> {
  const open = runner.open();
  if (id === '' && open.length > 1)
    throw severalRollouts(open, `Name the one you mean, as in \`zdms watch ${open[0]?.id ?? ''}\`.`);
  const wanted = id === '' ? (open[0]?.id ?? (await store.rollouts('all'))[0]) : id;
  if (wanted === undefined) throw noRollout(id);
  const rollout = runner.get(wanted) ?? foldEvents(wanted, await store.events(wanted));
  if (rollout === null) throw noRollout(id);
  return rollout;
}

/** The same, in one of these states; `verb` is what was to become of it. */
export async function findRolloutIn(
  parts: Parts,
  id: string,
  states: readonly Rollout['state'][],
  verb: string,
): Promise<Rollout> {
  const rollout = await findRollout(parts, id);
  if (states.includes(rollout.state)) return rollout;
  throw new ZdmsError(
    'ZDMS_ROLLOUT_STATE',
    `rollout ${rollout.id} is ${rollout.state} and cannot be ${verb}`,
    'See `zdms status`.',
  );
}

/** The error for a question that could mean any of these. */
export function severalRollouts(rollouts: readonly Rollout[], next: string): ZdmsError {
  const names = rollouts.map(({ id, plan, state }) => `${id} (${plan.change.name}, ${state})`);
  return new ZdmsError('ZDMS_ROLLOUT_AMBIGUOUS', `several rollouts may be meant: ${enumerate(names)}`, next);
}

/** The error for an id that names no rollout. */
export function noRollout(id: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_ROLLOUT_UNKNOWN',
    id === '' ? 'there has been no rollout yet' : `there is no rollout ${id}`,
    'Start one: `zdms plan CHANGE.yaml`, then `zdms apply PLAN`.',
  );
}
