/** What belongs into one field: what every error message about it says. */
export interface FieldGuide {
  /** Completes "X is not ...". */
  readonly noun: string;
  readonly expected: string;
  readonly example: string;
}

/**
 * All fields of one kind of file by their pattern ("services.*.keepUp"; `*` stands for a name or an index, '' for the file itself).
 * It is also the list of known keys, from which "did you mean" is answered.
 */
export type Guide = Readonly<Record<string, FieldGuide>>;

export type FieldPath = readonly PropertyKey[];

/** The guide to a field, or to the nearest field around it that has one. */
export function guideTo(guide: Guide, path: FieldPath): FieldGuide {
  for (let length = path.length; length >= 0; length -= 1) {
    const found = Object.entries(guide).find(([pattern]) => fits(pattern, path.slice(0, length)));
    if (found !== undefined) return found[1];
  }
  return { noun: 'right', expected: 'a mapping of fields', example: 'name: value' };
}

/** Keys that a mapping at this path may have. */
export function knownKeys(guide: Guide, path: FieldPath): readonly string[] {
  return Object.keys(guide)
    .map(segments)
    .filter((pattern) => pattern.length === path.length + 1 && fits(pattern.slice(0, -1).join('.'), path))
    .map((pattern) => pattern.at(-1) ?? '')
    .filter((key) => key !== '*');
}

/** The known key that a wrong one was probably meant to be: at most two letters away. */
export function nearestKey(wrong: string, known: readonly string[]): string | null {
  const ranked = known
    .map((key) => ({ key, distance: editDistance(wrong.toLowerCase(), key.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 2 && best.distance < wrong.length ? best.key : null;
}

function segments(pattern: string): string[] {
  return pattern === '' ? [] : pattern.split('.');
}

function fits(pattern: string, path: FieldPath): boolean {
  const parts = segments(pattern);
  return parts.length === path.length && parts.every((part, index) => part === '*' || part === String(path[index]));
}

/** Levenshtein distance; the words are field names, so the square of their length is small. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let index = 0; index < from.length; index += 1) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const substituted = (row[column - 1] ?? 0) + (from[index] === to[column - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
