import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { haltText } from './texts/halt-text.ts';

const HELP = `
For when something looks wrong and there is no time to find out what. It holds for the whole fleet and outlives the controller,
until \`zdms unhalt\`. What protects users goes on: drains are kept up, hosts that are well go back to their users.

Examples:
  $ zdms halt
  $ zdms halt --reason "latency doubled in zone b"
`;

/** `zdms halt` */
export function addHalt(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('halt'))
    .description('fleet-wide and at once: nothing disruptive begins any more')
    .option('--reason <text>', 'why, for everybody who wonders', '')
    .addHelpText('after', HELP);
  command.action(({ reason }: { reason: string }) =>
    withOperator(command, context, async (client) => {
      const halt = await client.halt(context.operator, reason);
      await print(command, context, halt, (document) => haltText(document, context.now()));
    }),
  );
}
