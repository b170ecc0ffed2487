import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../support/source-files.ts';
import type { Mutant } from './mutant.ts';

/** A mutant that needs longer than this is not caught: it has to be found out by an assertion, not by somebody's patience (ms). */
const deadlineMs = 120_000;
/** What the tests import. */
const folders = ['agent', 'bin', 'controller', 'docs', 'lib', 'proto', 'scripts', 'test', 'vagrant'];
const files = ['.mocharc.json', 'package.json', 'tsconfig.json'];

/** What became of a mutant: `invalid` where nothing is proven, neither that it is caught nor that it is not. */
export type Verdict = { readonly kind: 'caught' | 'survived' } | { readonly kind: 'invalid'; readonly because: string };

/** A copy of the sources in which one guard at a time can be broken. */
export class MutantCopy {
  readonly #directory: string;

  /** `directory`: does not exist; what was compiled is kept beside it, for all copies. */
  constructor(directory: string) {
    this.#directory = directory;
    for (const each of [...folders, ...files])
      cpSync(join(repositoryRoot, each), join(directory, each), { recursive: true });
    symlinkSync(join(repositoryRoot, 'node_modules'), join(directory, 'node_modules'));
  }

  /** Breaks the guard, runs the tests that have to notice, and mends it again. */
  async judge({ file, find, replace, caughtBy }: Mutant): Promise<Verdict> {
    const path = join(this.#directory, file);
    const text = readFileSync(path, 'utf8');
    const parts = text.split(find);
    if (parts.length !== 2) return { kind: 'invalid', because: `\`find\` occurs ${parts.length - 1} times in ${file}` };
    writeFileSync(path, parts.join(replace));
    const verdict = await this.run(caughtBy);
    writeFileSync(path, text);
    return verdict;
  }

  /** Runs these test files on the copy as it is. */
  async run(testFiles: readonly string[]): Promise<Verdict> {
    const { output, isLate } = await this.#mocha(testFiles);
    if (isLate) return { kind: 'invalid', because: `not at its end after ${deadlineMs / 1000} s` };
    const failed = /^\d+ passed, (\d+) failed/m.exec(output)?.[1];
    // A file that does not load, a name that does not exist, a crash: there anything would fail, and no guard is proven.
    const isBroken = failed === undefined || /(Reference|Syntax|Type)Error|ERR_MODULE_NOT_FOUND/.test(output);
    if (isBroken) return { kind: 'invalid', because: `the tests could not run:\n${output.slice(-2000)}` };
    return { kind: failed === '0' ? 'survived' : 'caught' };
  }

  /** In a process group of its own, of which nothing is left afterwards: a test that fails may leave children behind. */
  async #mocha(testFiles: readonly string[]): Promise<{ readonly output: string; readonly isLate: boolean }> {
    const path = join(this.#directory, 'output');
    const file = openSync(path, 'w');
    const child = spawn(process.execPath, ['node_modules/mocha/bin/mocha.js', '--bail', ...testFiles], {
      cwd: this.#directory,
      detached: true,
      env: { ...process.env, NODE_COMPILE_CACHE: join(this.#directory, '..', 'compiled') },
      stdio: ['ignore', file, file],
    });
    const endAll = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // There is nobody left.
      }
    };
    const timer = setTimeout(endAll, deadlineMs);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(timer);
    endAll();
    closeSync(file);
    return { output: readFileSync(path, 'utf8'), isLate: code === null };
  }
}
