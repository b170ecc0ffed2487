import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { hostText } from './texts/host-text.ts';

/** `zdms host show ID` */
export function addHostShow(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('show'))
    .description('show one host: versions, pending updates, failed units')
    .argument('<host>', 'id of the host')
    .addHelpText('after', '\nExamples:\n  $ zdms host show web-1\n  $ zdms host show web-1 -o json\n');
  command.action((id: string) =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.showHost(id), (host) => hostText(host, context.now()));
    }),
  );
}
