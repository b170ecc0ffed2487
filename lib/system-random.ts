import { randomInt } from 'node:crypto';

const idAlphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Randomness of the operating system: unguessable. */
export const systemRandom = {
  fraction: (): number => randomInt(2 ** 47) / 2 ** 47,
  id: (length: number): string => Array.from({ length }, () => idAlphabet[randomInt(idAlphabet.length)]).join(''),
};
