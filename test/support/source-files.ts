import { readdirSync } from 'node:fs';

/** What is installed, built, cached or generated: nobody wrote it, so nobody's style applies. */
const NOT_OURS = new Set([
  '.git',
  '.tools',
  '.cache',
  'node_modules',
  'dist',
  'coverage',
  'generated',
  'package-lock.json',
]);

/** The root of the repository, with a slash at the end. */
export const repositoryRoot = new URL('../..', import.meta.url).pathname;

/** Every file of the repository that people write, relative to its root, sorted. */
export function sourceFiles(folder = ''): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(repositoryRoot + folder, { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name)) continue;
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory()) files.push(...sourceFiles(`${path}/`));
    else if (entry.isFile()) files.push(path);
  }
  return files.toSorted();
}
