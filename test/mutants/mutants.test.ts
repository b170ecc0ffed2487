import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';
import { allMutants } from './all-mutants.ts';
import { MutantCopy, type Verdict } from './mutant-copy.ts';

/** The machine that runs all tests has two cores. */
const atOnce = 2;

describe('mutants', function () {
  // Each has its own deadline.
  this.timeout(0);
  const copies: MutantCopy[] = [];

  before(() => {
    const directory = temporaryDirectory();
    for (let number = 0; number < atOnce; number += 1) copies.push(new MutantCopy(join(directory, `copy-${number}`)));
  });

  after(removeTemporaryDirectories);

  it('are all that the tests notice: these pass while every guard is whole', async () => {
    const whole = await copies[0]?.run([...new Set(allMutants.flatMap((mutant) => mutant.caughtBy))]);

    assert.deepEqual(whole, { kind: 'survived' });
  });

  it('are told from a change that breaks nothing, and from one that breaks everything', async () => {
    const judge = async (find: string, replace: string): Promise<string | undefined> => {
      const caughtBy = ['test/controller/core/halt.test.ts'];
      return (await copies[0]?.judge({ it: '', file: 'controller/core/halt.ts', find, replace, caughtBy }))?.kind;
    };

    assert.equal(await judge('/** Why nothing disruptive', '/** why nothing disruptive'), 'survived');
    assert.equal(await judge('export function isDisruptive', 'export function'), 'invalid');
    assert.equal(await judge('export function isDisruptive', 'export function isDisruptiveNow'), 'invalid');
    assert.equal(await judge('return', 'throw'), 'invalid');
  });

  describe('of guards', () => {
    const verdicts = new Map(allMutants.map((mutant) => [mutant, Promise.withResolvers<Verdict>()]));

    /** Each copy takes the next one as soon as it is done with one. */
    before(() => {
      const queue = verdicts.entries();
      for (const copy of copies)
        void (async () => {
          for (const [mutant, { resolve, reject }] of queue) await copy.judge(mutant).then(resolve, reject);
        })();
    });

    for (const [mutant, { promise }] of verdicts)
      it(`are noticed: ${mutant.it} (${mutant.file})`, async () => {
        assert.deepEqual(await promise, { kind: 'caught' });
      });
  });
});
