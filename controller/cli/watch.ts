import type { Command } from 'commander';
import { withOperator } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { followRollout } from './follow/follow-rollout.ts';

/** `zdms watch [ROLLOUT]` */
export function addWatch(parent: Command, context: CliContext): void {
  const command = parent
    .command('watch')
    .description('follow a rollout to its end; Ctrl-C only stops watching')
    .argument('[rollout]', 'id; otherwise the only open one, or the last one', '')
    .addHelpText('after', '\nExamples:\n  $ zdms watch\n  $ zdms watch > rollout.log\n');
  command.action((rollout: string) =>
    withOperator(command, context, async (client) => {
      context.exitWith(await followRollout(client, rollout, context));
    }),
  );
}
