/** `npm run coverage`: the tests of controller/core, and how much of it they run. Fails under the figure below, as when a test fails. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

const linesPercentMin = 95;
const core = 'controller/core/**/*.ts';

/** A file of types alone has nothing that could run. */
function hasCode(file: string): boolean {
  const comments = /\/\*.*?\*\/|\/\/[^\n]*/gs;
  return stripTypeScriptTypes(readFileSync(file, 'utf8')).replace(comments, '').trim() !== '';
}

const excluded = globSync(core).filter((file) => !hasCode(file));
const { status } = spawnSync(
  process.execPath,
  [
    fileURLToPath(import.meta.resolve('c8/bin/c8.js')),
    // Files that no test loads count, too.
    ...['--all', '--include', core, ...excluded.flatMap((file) => ['--exclude', file])],
    ...['--check-coverage', '--lines', String(linesPercentMin), '--reporter', 'text'],
    // What is proven by chance on generated fleets would hide what no test asks for.
    ...['node_modules/.bin/mocha', '--reporter', 'dot', '--ignore', 'test/**/*-by-brute-force.test.ts'],
    'test/controller/core/**/*.test.ts',
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
