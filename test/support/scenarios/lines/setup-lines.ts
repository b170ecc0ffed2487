import { worldLine } from '../world-line.ts';

/** How a story begins, and what people write later. */
export const setupLines = [
  worldLine('hosts', (story, _parts, input) => {
    story.setHosts(input);
    return '';
  }),
  worldLine('it is TIME', (story, [time = '']) => {
    story.setTime(time);
    return '';
  }),
  worldLine('write FILE', (story, [file = ''], input) => {
    story.files.set(file, `${input}\n`);
    return '';
  }),
  worldLine('remove FILE', (story, [file = '']) => {
    story.files.delete(file);
    return '';
  }),
];
