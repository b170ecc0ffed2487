import type { Rollout } from '../../../../controller/core/rollout.ts';
import type { Story } from '../story.ts';
import { worldLine } from '../world-line.ts';
import { durationOf } from './duration-of.ts';

/** What has not happened within this time of the story is not going to. */
const patienceMs = 2 * 3_600_000;

/** Time that passes. */
export const timeLines = [
  worldLine('wait until the rollout is STATE', (story, [state = '']) =>
    waitUntil(story, (rollout) => rollout.state === state),
  ),
  worldLine('wait until HOST is in STEP', (story, [host = '', step = '']) =>
    waitUntil(story, ({ hosts }) => hosts.get(host)?.steps[0] === step),
  ),
  worldLine('wait until HOST is STATE', (story, [host = '', state = '']) =>
    waitUntil(story, ({ hosts }) => hosts.get(host)?.state.kind === state),
  ),
  worldLine('wait DURATION', async (story, [duration = '']) => {
    await (await story.fleet()).pass(durationOf(duration));
    return '';
  }),
];

/** Until the newest rollout looks like that. */
async function waitUntil(story: Story, holds: (rollout: Rollout) => boolean): Promise<string> {
  const { clock, latest, store } = await story.fleet();
  const [newest = ''] = await store.rollouts('all');
  const done = (): boolean => {
    const rollout = latest.process.runner.get(newest);
    return rollout !== undefined && holds(rollout);
  };
  if (!(await clock.runUntil(done, clock.now() + patienceMs)))
    throw new Error('that has not come about within 2 hours');
  return '';
}
