import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { hostListText } from './texts/host-text.ts';

/** `zdms host ls` */
export function addHostLs(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('ls'))
    .description('list all hosts: connected, serving, updates, reboots')
    .addHelpText('after', '\nExamples:\n  $ zdms host ls\n  $ zdms host ls -o json | jq -r ".[].id"\n');
  command.action(() =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.listHosts(), (hosts) => hostListText(hosts, context.now()));
    }),
  );
}
