import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { whyText } from './texts/why-text.ts';

/** `zdms why HOST` */
export function addWhy(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('why'))
    .description('say why a host is not done, or not serving: the rule, who holds it, until when, and what you may do')
    .argument('<host>', 'id of the host')
    .addHelpText('after', '\nExamples:\n  $ zdms why web-4\n  $ zdms why web-4 -o json\n');
  command.action((host: string) =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.why(host), (document) => whyText(document, context.now()));
    }),
  );
}
