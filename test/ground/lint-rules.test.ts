import assert from 'node:assert/strict';
import { ESLint } from 'eslint';
import { describe, it } from 'mocha';
import tseslint from 'typescript-eslint';

const root = new URL('../..', import.meta.url).pathname;

/** Our own rules need no types; without them a snippet needs no file, and the linter answers in milliseconds. */
const withoutTypes = new ESLint({
  cwd: root,
  overrideConfig: [
    { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked },
    { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false, project: null } } },
  ],
});

/** With types, over the one-file project in fixtures/: the text below takes the place of that file's. */
const withTypes = new ESLint({
  cwd: root,
  ignore: false,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: {
        projectService: false,
        project: 'test/ground/fixtures/tsconfig.json',
        // With CI in the environment the parser would otherwise read each file from disk once, and never our text.
        disallowAutomaticSingleRunInference: true,
      },
    },
  },
  ignorePatterns: ['!test/ground/fixtures/'],
});

async function messages(linter: ESLint, filePath: string, code: string): Promise<string[]> {
  const [result] = await linter.lintText(code, { filePath: `${root}${filePath}` });
  assert.ok(result);
  return result.messages.map(({ ruleId, message }) => `${ruleId ?? 'parse'}: ${message}`);
}

const CORE = 'controller/core/snippet.ts';
const RUNNER = 'controller/runner/snippet.ts';
const API = 'controller/api/snippet.ts';
const LIB = 'lib/snippet.ts';

/** file, what is wrong, the part of the message that says what to do instead */
const refused: readonly (readonly [string, string, RegExp])[] = [
  [CORE, `import { readFileSync } from 'node:fs';\nreadFileSync('x');`, /no node: modules/],
  [CORE, `import { z } from 'zod';\nz.string();`, /no packages/],
  [CORE, `export * from 'yaml';`, /no packages/],
  [CORE, `export const now = Date.now();`, /take `now`/],
  [CORE, `export const now = new Date();`, /take `now`/],
  [CORE, `export const id = Math.random();`, /injected source/],
  [CORE, `setTimeout(() => undefined, 1);`, /time comes in/],
  [CORE, `setInterval(() => undefined, 1);`, /time comes in/],
  [CORE, `export const id = crypto.randomUUID();`, /take ids/],
  [CORE, `export const home = process.env['HOME'];`, /take configuration as data/],
  [CORE, `export async function f() {}`, /return an intent/],
  [CORE, `await f();`, /take what you need as data/],
  [CORE, `export const p = Promise.resolve(1);`, /return an intent/],
  [CORE, `export const m = import('./x.ts');`, /import statically/],
  [CORE, `console.log('x');`, /return a reason or an event/],
  [CORE, `export const f = globalThis.fetch;`, /no globals/],
  [RUNNER, `export const now = Date.now();`, /injected clock/],
  [RUNNER, `export const now = new Date();`, /injected clock/],
  [RUNNER, `export const id = Math.random();`, /a seed replays the run/],
  [RUNNER, `setTimeout(() => undefined, 1);`, /injected clock/],
  [RUNNER, `export const id = crypto.randomUUID();`, /a seed replays the run/],
  [RUNNER, `import { randomUUID } from 'node:crypto';\nrandomUUID();`, /injected source/],
  [RUNNER, `import { setTimeout } from 'node:timers/promises';\nawait setTimeout(1);`, /injected clock/],
  [API, `import { exec } from 'node:child_process';\nexec('ls');`, /execFile or spawn/],
  [API, `import { execSync } from 'node:child_process';\nexecSync('ls');`, /execFile or spawn/],
  [API, `import * as child from 'node:child_process';\nchild.exec('ls');`, /execFile or spawn/],
  [API, `import { spawn } from 'child_process';\nspawn('ls');`, /node:child_process/],
  [API, `export const options = { shell: true };`, /argv array/],
  [API, `spawn('ls', { shell: '/bin/bash' });`, /argv array/],
  [API, `export const argv = ['sh', '-c', 'ls | wc'];`, /argv array/],
  [API, `spawn('/bin/bash', ['-c', 'ls | wc']);`, /argv array/],
  ['agent/executor/snippet.ts', `execFile('sh', ['-c', command]);`, /argv array/],
  [API, `import { Client } from 'ssh2';\nnew Client();`, /host-shell port/],
  [API, `import ssh2 from 'ssh2';\nnew ssh2.Client();`, /host-shell port/],
  [API, `import { Client as Ssh } from 'ssh2';\nnew Ssh();`, /host-shell port/],
  [API, `export default function f() {}`, /export by name/],
  [API, `enum Colour { red }`, /string union/],
  [API, `process.exit(1);`, /Only main files/],
  [API, `console.log('x');`, /no-console/],
  [LIB, `export const f = function () { return 1; };`, /func-style/],
  [LIB, `export const size = a ? 1 : b ? 2 : 3;`, /no-nested-ternary/],
  [LIB, '// a line\n'.repeat(401), /max-lines/],
  [LIB, `export function f() {\n${'  g();\n'.repeat(71)}}`, /max-lines-per-function/],
];

const accepted: readonly (readonly [string, string])[] = [
  [CORE, `import { evolve } from './evolve.ts';\nexport const text = new Date(evolve()).toISOString();`],
  [CORE, `import { assertInvariant } from '../../lib/invariant-error.ts';\nassertInvariant(true, 'x');`],
  [RUNNER, `import { createHash } from 'node:crypto';\nexport const hash = createHash('sha256');`],
  ['controller/adapters/host-shell/snippet.ts', `import { Client } from 'ssh2';\nexport const client = new Client();`],
  ['controller/main.ts', `process.exit(1);`],
  ['controller/cli/snippet.ts', `console.log('x');`],
  [API, `import { execFile } from 'node:child_process';\nexecFile('ls', ['-l']);`],
  ['test/snippet.test.ts', `export const f = () => 1;\nconsole.log(Date.now());`],
];

describe('the lint rules', () => {
  for (const [filePath, code, expected] of refused) {
    it(`refuse in ${filePath}: ${code.slice(0, 70).replaceAll('\n', ' ')}`, async () => {
      const found = await messages(withoutTypes, filePath, code);

      assert.ok(
        found.some((message) => expected.test(message)),
        `expected ${String(expected)} among ${JSON.stringify(found)}`,
      );
    });
  }

  for (const [filePath, code] of accepted) {
    it(`accept in ${filePath}: ${code.slice(0, 70).replaceAll('\n', ' ')}`, async () => {
      assert.deepEqual(await messages(withoutTypes, filePath, code), []);
    });
  }
});

describe('the lint rules that need types', () => {
  const fixture = 'test/ground/fixtures/typed.ts';

  it('refuse a promise that nobody waits for', async () => {
    const found = await messages(withTypes, fixture, `async function f() {}\nf();\n`);

    assert.ok(
      found.some((message) => message.includes('no-floating-promises')),
      JSON.stringify(found),
    );
  });

  it('refuse a switch that forgets a kind, even with a default', async () => {
    const code = `export function f(kind: 'a' | 'b'): number {\n  switch (kind) {\n    case 'a':\n      return 1;\n    default:\n      return 2;\n  }\n}\n`;

    const found = await messages(withTypes, fixture, code);

    assert.ok(
      found.some((message) => message.includes('switch-exhaustiveness-check')),
      JSON.stringify(found),
    );
  });

  it('refuse any', async () => {
    const found = await messages(withTypes, fixture, `export function f(x: any): unknown {\n  return x.y;\n}\n`);

    assert.ok(
      found.some((message) => message.includes('no-unsafe')),
      JSON.stringify(found),
    );
  });
});
