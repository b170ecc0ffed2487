import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { repositoryRoot, sourceFiles } from '../support/source-files.ts';

/** Design section 10: files mostly under 250 lines, 400 at the very most. */
const MAX_LINES = 400;

const KEBAB_CASE = /^\.?[a-z0-9]+(-[a-z0-9]+)*@?(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const NAMED_BY_CONVENTION = new Set([
  'README.md',
  // sshd fixes this name.
  'sshd_config.d',
  'LICENSE',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'Vagrantfile',
  'SHA256SUMS',
]);
const SAYS_NOTHING = /(^|[-./])(utils?|helpers?|managers?|types?|common|misc)([-./]|$)/;
const LEFT_OVER = /\b(FIXM[E]|TOD[O]|XX[X])\b/;
/** Escaped, so that this file does not find itself. */
const OF_ONE_MACHINE =
  /\/work\/(main|shared)|\/home\/(?!zdms\b)[a-z]+\/|\/tmp\/b[r]ief|registry\.npmjs\.org|deb\.debian\.org/;

const isCode = (path: string): boolean => /(\.(ts|js|cjs|sh|proto)|(^|\/)[a-z-]+)$/.test(path);
const files = sourceFiles();

function read(path: string): string {
  return readFileSync(repositoryRoot + path, 'utf8');
}

function linesThatMatch(pattern: RegExp): string[] {
  return files.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
  );
}

describe('the repository is tidy:', () => {
  it(`no file is longer than ${MAX_LINES} lines`, () => {
    const tooLong = files.filter((path) => isCode(path) && read(path).split('\n').length - 1 > MAX_LINES);

    assert.deepEqual(tooLong, []);
  });

  it('files and folders have kebab-case names', () => {
    const misnamed = files.filter((path) =>
      path.split('/').some((name) => !KEBAB_CASE.test(name) && !NAMED_BY_CONVENTION.has(name)),
    );

    assert.deepEqual(misnamed, []);
  });

  it('no name could mean anything (utils, helpers, manager, types, common)', () => {
    assert.deepEqual(
      files.filter((path) => SAYS_NOTHING.test(path)),
      [],
    );
  });

  it('nothing is left over to be done later', () => {
    assert.deepEqual(linesThatMatch(LEFT_OVER), []);
  });

  it('nothing names a path or a mirror of one machine', () => {
    assert.deepEqual(linesThatMatch(OF_ONE_MACHINE), []);
  });
});
