import { CommanderError } from 'commander';
import { commandsBelow, programOfTest } from '../all-verbs.ts';

/** What is wrong with words behind `zdms`, or null. Nothing is carried out: the tree of verbs only reads them. */
export function problemOfZdms(words: readonly string[]): CommanderError | null {
  const { program } = programOfTest();
  for (const command of commandsBelow(program)) {
    const hasVerbs = command.commands.length > 0;
    if (!hasVerbs) command.action(() => undefined);
  }
  try {
    program.parse([...words], { from: 'user' });
    return null;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) return error;
    if (error instanceof CommanderError) return null;
    throw error;
  }
}

/** In the middle of a sentence a verb may be named without what it needs. */
const MAY_BE_LEFT_OUT = new Set([
  'commander.missingArgument',
  'commander.missingMandatoryOptionValue',
  'commander.help',
]);

/** The same for `zdms ...` in running text. */
export function problemOfMention(words: readonly string[]): CommanderError | null {
  const problem = problemOfZdms(words);
  return problem !== null && MAY_BE_LEFT_OUT.has(problem.code) ? null : problem;
}
