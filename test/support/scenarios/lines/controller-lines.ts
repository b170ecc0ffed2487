import { worldLine } from '../world-line.ts';

/** Controllers that come and go. */
export const controllerLines = [
  worldLine('kill the controller', async (story) => {
    (await story.fleet()).killController();
    return '';
  }),
  worldLine('start a controller', async (story) => {
    await (await story.fleet()).startController();
    return '';
  }),
  worldLine('look at the controllers', async (story) =>
    (await story.fleet()).controllers
      .map(({ epoch, isAlive, stoppedBy }, index) => {
        const state = isAlive ? (stoppedBy?.message ?? 'runs') : 'was killed';
        return `controller ${index + 1}, epoch ${epoch}: ${state}\n`;
      })
      .join(''),
  ),
];
