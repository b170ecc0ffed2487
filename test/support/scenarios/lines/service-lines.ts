import { worldLine } from '../world-line.ts';

/** What befalls services as a whole. */
export const serviceLines = [
  worldLine('users see errors for SECONDS s', async (story, [seconds = '']) => {
    const fleet = await story.fleet();
    const from = fleet.clock.now();
    fleet.faults.push({ kind: 'probe-fails', from, to: from + Number(seconds) * 1000 });
    return '';
  }),
];
