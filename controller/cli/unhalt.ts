import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { unhaltText } from './texts/halt-text.ts';

/** `zdms unhalt` */
export function addUnhalt(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('unhalt'))
    .description('end a halt: rollouts go on where they stood')
    .addHelpText('after', '\nExamples:\n  $ zdms unhalt\n');
  command.action(() =>
    withOperator(command, context, async (client) => {
      const ended = await client.unhalt(context.operator);
      await print(command, context, ended, (document) => unhaltText(document, context.now()));
    }),
  );
}
