import { dirname } from 'node:path';
import { isBelow } from './mount-points.ts';

/** A directory over which candidates are laid, and what is mounted below it and would be covered with it. */
export type Cover = { readonly directory: string; readonly mounted: readonly string[] };

/**
 * The directories that have to be covered for all files to be seen, outermost first: a parent of a file, unless it lies within another
 * on the same mount. One overlay over each, so that a host which itself runs on an overlay stays within the kernel's two.
 */
export function coversOf(paths: readonly string[], mountPoints: readonly string[]): readonly Cover[] {
  const parents = [...new Set(paths.map((path) => dirname(path)))].sort();
  const covered = (inner: string, outer: string): boolean =>
    isBelow(inner, outer) && !mountPoints.some((point) => isBelow(point, outer) && isWithin(inner, point));
  return parents
    .filter((parent) => !parents.some((other) => covered(parent, other)))
    .map((directory) => ({ directory, mounted: mountPoints.filter((point) => isBelow(point, directory)).sort() }));
}

/** The cover that shows that file: the innermost one that contains it. */
export function coverOf(path: string, covers: readonly Cover[]): Cover {
  const found = covers.filter(({ directory }) => isBelow(path, directory)).at(-1);
  if (found === undefined) throw new Error(`${path} is below no cover`);
  return found;
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || isBelow(path, directory);
}
