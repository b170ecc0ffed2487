import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { rolloutListText } from './texts/rollout-list-text.ts';
import { rolloutText } from './texts/rollout-text.ts';

const HELP = `
With -o json or yaml: one rollout as a whole; where several are open and none is named, {halt, rollouts: [...]} in short.

Examples:
  $ zdms status
  $ zdms status k3x9p
  $ zdms status -o json | jq .obligations
`;

/** `zdms status [ROLLOUT]` */
export function addStatus(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('status'))
    .description(
      'show where a rollout and each of its hosts stand; without an id all open rollouts, where there are several',
    )
    .argument('[rollout]', 'id; otherwise all open ones, or the last one', '')
    .addHelpText('after', HELP);
  command.action((rollout: string) =>
    withOperator(command, context, async (client) => {
      const list = rollout === '' ? await client.listRollouts() : null;
      if (list !== null && list.rollouts.length > 1)
        return print(command, context, list, (document) => rolloutListText(document, context.now()));
      await print(command, context, await client.status(rollout), (document) => rolloutText(document, context.now()));
    }),
  );
}
