import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { hostOfRolloutText } from './texts/rollout-text.ts';

const HELP = `
A held host tries the step again that it is held in, and goes on from there. A host that was skipped because a step failed begins
anew. Mend first what \`zdms why HOST\` names: nothing else makes the second try end better than the first.

Examples:
  $ zdms retry web-3
`;

/** `zdms retry HOST` */
export function addRetry(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('retry'))
    .description('let a host of the running rollout that failed try again')
    .argument('<host>', 'id of the host')
    .addHelpText('after', HELP);
  command.action((host: string) =>
    withOperator(command, context, async (client) => {
      const rollout = await client.retry({ host, operator: context.operator, reason: '' });
      await print(command, context, rollout, (document) => hostOfRolloutText(document, host, context.now()));
    }),
  );
}
