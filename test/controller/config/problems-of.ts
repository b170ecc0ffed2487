import assert from 'node:assert/strict';
import { ConfigError } from '../../../controller/config/config-error.ts';
import type { ConfigProblem } from '../../../controller/config/config-error.ts';

/** What a malformed file is told; the caller's parse must throw ConfigError. */
export function problemsOf(parse: () => unknown): readonly ConfigProblem[] {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return assert.fail('the file was accepted');
}

/** "LINE FIELD: PROBLEM" of each problem. */
export function linesOf(parse: () => unknown): string[] {
  return problemsOf(parse).map(({ line, field, problem }) => `${line} ${field}: ${problem}`);
}
