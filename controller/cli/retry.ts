import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { hostOfRolloutText } from './texts/rollout-text.ts';

const HELP = `
A held host tries the step again that it is held in, and goes on from there. One that holds no slot, or was skipped because a step
failed, begins anew. Mend first what \`zdms why HOST\` names: nothing else makes the second try end better than the first.

Examples:
  $ zdms retry web-3
`;

/** `zdms retry HOST` */
export function addRetry(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('retry'))
    .description('let a host of a rollout that failed try again')
    .argument('<host>', 'id of the host')
    .option('--rollout <id>', 'where several rollouts have the host: in which one', '')
    .addHelpText('after', HELP);
  command.action((host: string, { rollout }: { rollout: string }) =>
    withOperator(command, context, async (client) => {
      const retried = await client.retry({ host, rollout, operator: context.operator, reason: '' });
      await print(command, context, retried, (document) => hostOfRolloutText(document, host, context.now()));
    }),
  );
}
