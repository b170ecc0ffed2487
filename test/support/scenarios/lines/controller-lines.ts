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
  worldLine('the controller stands still', async (story) => {
    (await story.fleet()).latest.life.pause();
    return '';
  }),
  worldLine('the first controller goes on', async (story) => {
    (await story.fleet()).controllers[0]?.life.resume();
    return '';
  }),
  worldLine('look at the controllers', async (story) =>
    (await story.fleet()).controllers
      .map(({ process, life }, index) => {
        const runs = life.isRunning ? 'runs' : 'stands still';
        const state = life.isAlive ? (process.stoppedBy?.message ?? runs) : 'was killed';
        return `controller ${index + 1}, epoch ${process.epoch}: ${state}\n`;
      })
      .join(''),
  ),
];
