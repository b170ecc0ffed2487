import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { driftOf, driftText, moreDriftText } from './texts/drift-text.ts';

const HELP = `
As the hosts last looked, hourly and after each rollout. A file is watched from when zdms put it there until it is put back.

Examples:
  $ zdms host drift
  $ zdms host drift -o json
`;

/** `zdms host drift`: the files of the fleet that somebody has changed since zdms put them there. */
export function addHostDrift(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('drift'))
    .description('list files that are no longer as zdms put them, and on which hosts')
    .addHelpText('after', HELP);
  command.action(() =>
    withOperator(command, context, async (client) => {
      const hosts = await client.listHosts();
      await print(command, context, driftOf(hosts), (files) => `${driftText(files)}${moreDriftText(hosts)}`);
    }),
  );
}
