import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { allMutants } from '../mutants/all-mutants.ts';
import { repositoryRoot } from '../support/source-files.ts';

/** Where every guard has to be broken by somebody. */
const guardFiles = [
  ...['safety', 'standing', 'serving', 'quorum', 'budgets', 'limiter', 'order', 'dispatch', 'halt', 'may-follow'].map(
    (name) => `controller/core/${name}.ts`,
  ),
  ...['controller/runner/perform.ts', 'controller/adapters/store/sqlite.ts', 'agent/executor/epoch.ts'],
];

describe('the list of mutants', () => {
  it('changes one place of the sources with each, by tests that exist', () => {
    const rotten = allMutants.filter(({ file, find, replace, caughtBy }) => {
      const places = readFileSync(repositoryRoot + file, 'utf8').split(find).length - 1;
      return (
        places !== 1 ||
        find === replace ||
        caughtBy.length === 0 ||
        !caughtBy.every((each) => existsSync(repositoryRoot + each))
      );
    });

    assert.deepEqual(rotten, [], 'say again in test/mutants/ how these guards are broken');
  });

  it('tells one from the other', () => {
    assert.equal(new Set(allMutants.map((mutant) => mutant.it)).size, allMutants.length);
  });

  it('breaks something in every file that guards', () => {
    assert.deepEqual(
      guardFiles.filter((file) => !allMutants.some((mutant) => mutant.file === file)),
      [],
    );
  });
});
