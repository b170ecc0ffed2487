import type { Command } from 'commander';
import type { WhyDocument } from '../../proto/zdms/v1/documents.ts';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';

/** `zdms why HOST` */
export function addWhy(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('why'))
    .description('say why a host is not done, or not serving')
    .argument('<host>', 'id of the host')
    .addHelpText('after', '\nExamples:\n  $ zdms why web-4\n  $ zdms why web-4 -o json\n');
  command.action((host: string) =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.why(host), whyText);
    }),
  );
}

function whyText({ host, state, reason }: WhyDocument): string {
  return reason === null ? `${host} is ${state}: nothing is in its way\n` : `${reason.text}\n`;
}
