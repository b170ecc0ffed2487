import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commandsBelow, fullName, programOfTest } from '../../support/all-verbs.ts';

/** Of the help text: each example, without `$ `. */
function examplesOf(help: string): readonly string[] {
  const [, examples = ''] = help.split('\nExamples:\n');
  return [...examples.matchAll(/^ {2}\$ (.*)$/gm)].map(([, example = '']) => example);
}

describe('the help text', () => {
  const { program, terminal } = programOfTest();

  for (const command of commandsBelow(program)) {
    const name = fullName(command);

    it(`of \`${name}\` has an example of it`, () => {
      terminal.written = '';
      command.outputHelp();

      const examples = examplesOf(terminal.written);

      assert.ok(
        examples.some((example) => example.startsWith(`${name} `) || example === name),
        `no example of \`${name}\` in:\n${terminal.written}`,
      );
    });

    it(`of \`${name}\` says what it and each of its options and arguments are for`, () => {
      assert.notEqual(command.description(), '');
      for (const option of command.options) assert.notEqual(option.description, '', option.flags);
      for (const argument of command.registeredArguments) assert.notEqual(argument.description, '', argument.name());
    });
  }
});
