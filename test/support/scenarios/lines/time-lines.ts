import type { HostProgress } from '../../../../controller/core/rollout.ts';
import type { Story } from '../story.ts';
import { worldLine } from '../world-line.ts';

/** What has not happened within this time of the story is not going to. */
const patienceMs = 2 * 3_600_000;
const lookEveryMs = 100;
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Time that passes. */
export const timeLines = [
  worldLine('wait until the rollout is STATE', (story, [state = '']) =>
    waitUntil(story, async () => (await story.rollout())?.state === state),
  ),
  worldLine('wait until HOST is in STEP', (story, [host = '', step = '']) =>
    waitUntil(story, async () => (await progressOf(story, host))?.steps[0] === step),
  ),
  worldLine('wait until HOST is STATE', (story, [host = '', state = '']) =>
    waitUntil(story, async () => (await progressOf(story, host))?.state.kind === state),
  ),
  worldLine('wait DURATION', async (story, [duration = '']) => {
    const [, count, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(duration) ?? [];
    if (count === undefined) throw new Error(`"${duration}" is no duration such as 10s or 5m`);
    await (await story.fleet()).pass(Number(count) * (units[unit] ?? 0));
    return '';
  }),
];

async function progressOf(story: Story, host: string): Promise<HostProgress | undefined> {
  return (await story.rollout())?.hosts.get(host);
}

async function waitUntil(story: Story, holds: () => Promise<boolean>): Promise<string> {
  const fleet = await story.fleet();
  const until = fleet.clock.now() + patienceMs;
  while (!(await holds())) {
    if (fleet.clock.now() >= until) throw new Error('that has not come about within 2 hours');
    await fleet.pass(lookEveryMs);
  }
  return '';
}
