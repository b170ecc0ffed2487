/** Words of others that we repeat are cut to this (characters). */
const lengthMax = 300;

/** What somebody else said, fit to stand in a sentence of ours: one line, nothing that a terminal would obey, short. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, lengthMax);
}
