import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { driftHint } from './texts/drift-text.ts';
import { pendingOf, pendingText } from './texts/pending-text.ts';

const HELP = `
As the hosts last looked; what is on hold there is not pending. No rollout brings what is quarantined (zdms quarantine ls).

Examples:
  $ zdms host pending
  $ zdms host pending --security -o json
`;

/** `zdms host pending`: the updates of the fleet, package by package. */
export function addHostPending(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('pending'))
    .description('list all pending updates, and on which hosts')
    .option('--security', 'security updates only')
    .addHelpText('after', HELP);
  command.action(({ security }: { readonly security?: boolean }) =>
    withOperator(command, context, async (client) => {
      const quarantine = client.quarantine({ operator: context.operator });
      const [hosts, document] = await Promise.all([client.listHosts(), quarantine]);
      const all = pendingOf(hosts, document);
      const listed = security === true ? all.filter((each) => each.security) : all;
      await print(command, context, listed, (updates) => `${pendingText(updates)}${driftHint(hosts)}`);
    }),
  );
}
