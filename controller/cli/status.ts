import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { rolloutText } from './texts/rollout-text.ts';

/** `zdms status [ROLLOUT]` */
export function addStatus(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('status'))
    .description('show where a rollout and each of its hosts stand')
    .argument('[rollout]', 'id; otherwise the running one, or the last one', '')
    .addHelpText('after', '\nExamples:\n  $ zdms status\n  $ zdms status -o json | jq .obligations\n');
  command.action((rollout: string) =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.status(rollout), (document) => rolloutText(document, context.now()));
    }),
  );
}
