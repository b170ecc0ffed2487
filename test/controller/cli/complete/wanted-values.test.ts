import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { argumentValues, optionValues, wantedWord } from '../../../../controller/cli/complete/wanted-values.ts';
import { commandsBelow, programOfTest } from '../../../support/all-verbs.ts';

describe('what a word may become', () => {
  const { program } = programOfTest();

  /** Values, or what is wanted of the controller, or the kind. */
  function wanted(...words: readonly string[]): unknown {
    const { wanted: found } = wantedWord(program, words);
    if (found.kind === 'these') return found.values.map(({ value }) => value);
    return found.kind === 'names' ? found.of : found.kind;
  }

  it('is said for every argument and every option with a value', () => {
    for (const command of commandsBelow(program)) {
      for (const argument of command.registeredArguments)
        assert.ok(argument.argChoices !== undefined || argument.name() in argumentValues, argument.name());
      for (const option of command.options.filter((each) => each.required || each.optional))
        assert.ok(option.argChoices !== undefined || (option.long?.slice(2) ?? '') in optionValues, option.flags);
    }
  });

  it('is a verb at first, and one of its own verbs after `host`', () => {
    const verbs = wanted('') as readonly string[];
    assert.ok(verbs.includes('plan') && verbs.includes('host') && verbs.includes('completion'));
    assert.ok(!verbs.includes('complete'));
    assert.deepEqual(wanted('host', ''), ['install', 'ls', 'show', 'pending', 'drift', 'label', 'remove', 'help']);
  });

  it('is an option of the verb, or one for all verbs, after a dash', () => {
    assert.deepEqual(wanted('pause', '-'), ['--output', '--reason', '--help', '--version', '--socket', '--no-color']);
  });

  it('is a host, a rollout, a plan or a file, as the argument says', () => {
    assert.equal(wanted('why', ''), 'hosts');
    assert.equal(wanted('host', 'show', 'w'), 'hosts');
    assert.equal(wanted('watch', ''), 'rollouts');
    assert.equal(wanted('apply', ''), 'plans');
    assert.equal(wanted('diff', 'p1', ''), 'plans');
    assert.equal(wanted('plan', ''), 'files');
    assert.deepEqual(wanted('schema', ''), ['fleet', 'change', 'limits', 'controller']);
  });

  it('is nothing where no argument is left, and what only a person knows is left to them', () => {
    assert.equal(wanted('why', 'web-1', ''), 'text');
    assert.equal(wanted('halt', '--reason', ''), 'text');
    assert.equal(wanted('host', 'label', 'web-1', 'zone=a', ''), 'text');
  });

  it('is the value of an option that stands before it, which is no argument', () => {
    assert.deepEqual(wanted('why', '-o', ''), ['table', 'json', 'yaml']);
    assert.equal(wanted('why', '-o', 'json', ''), 'hosts');
    assert.equal(wanted('retry', '--rollout', ''), 'rollouts');
    assert.equal(wanted('--socket', ''), 'files');
    assert.equal(wanted('--no-color', 'why', ''), 'hosts');
    assert.equal(wanted('what-if', '--lose', 'web-1', '--lose', ''), 'hosts');
    assert.equal(wanted('release', '--', '-', ''), 'text');
  });

  it('is the value after `=` too, whether the shell splits the word there or not', () => {
    assert.deepEqual(wantedWord(program, ['retry', '--rollout=r']), {
      ...{ prefix: '--rollout=', begun: 'r' },
      wanted: { kind: 'names', of: 'rollouts', orFiles: false },
    });
    assert.equal(wantedWord(program, ['retry', '--rollout', '=', 'r']).begun, 'r');
    assert.equal(wanted('retry', '--rollout', '='), 'rollouts');
  });
});
