import type { Command } from 'commander';
import { withOperator } from '../cli-context.ts';
import type { CliContext } from '../cli-context.ts';
import { shortPlan } from '../texts/plan-text.ts';
import { wantedWord } from './wanted-values.ts';
import type { NamedValue, NameKind, WantedValues } from './wanted-values.ts';

/** Somebody waits with a finger on the key. */
const NAMES_DEADLINE_MS = 800;

/** Tells the script in the shell to complete the name of a file. */
const FILES = ':files\n';

/** Prints what the last word may become, a line each. Never fails: a shell has no place for errors. */
export async function completeWords(command: Command, words: readonly string[], context: CliContext): Promise<void> {
  const program = rootOf(command);
  const { prefix, begun, wanted } = wantedWord(program, words);
  const lines = (await valuesOf(command, wanted, words, context))
    .filter(({ value }) => value.startsWith(begun))
    .map(({ value, description }) => `${prefix}${value}${description === '' ? '' : `\t${description}`}\n`);
  const isFile = wanted.kind === 'files' || (wanted.kind === 'names' && wanted.orFiles && lines.length === 0);
  context.terminal.write(isFile ? FILES : lines.join(''));
}

async function valuesOf(
  command: Command,
  wanted: WantedValues,
  words: readonly string[],
  context: CliContext,
): Promise<readonly NamedValue[]> {
  if (wanted.kind === 'these') return wanted.values;
  return wanted.kind === 'names' ? namesOf(command, wanted.of, words, context) : [];
}

/** Of the controller that the words themselves name with --socket, where they do. */
async function namesOf(
  command: Command,
  kind: NameKind,
  words: readonly string[],
  context: CliContext,
): Promise<readonly NamedValue[]> {
  const [, socket] = /(?:^|\n)--socket[\n=]([^\n]+)/.exec(words.slice(0, -1).join('\n')) ?? [];
  if (socket !== undefined) rootOf(command).setOptionValue('socket', socket);
  let found: readonly string[] = [];
  try {
    await withOperator(command, context, async (client) => {
      const names = await client.listNames(NAMES_DEADLINE_MS);
      found = kind === 'plans' ? names.plans.map(shortPlan) : names[kind];
    });
  } catch {
    // Without a controller there are no names to offer, and the verb itself will say so.
  }
  return found.map((value) => ({ value, description: '' }));
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
