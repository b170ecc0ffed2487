import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { cveText } from './texts/cve-text.ts';

const HELP = `
As the hosts last looked: an update that is on offer there names the CVE in its changelog or its advisory. Hosts that have no such
update are not listed; hosts of which that cannot be known are. To close it everywhere, plan a change with \`packages: {cve: CVE-ID}\`.

Examples:
  $ zdms cve CVE-2026-1234
  $ zdms cve CVE-2026-1234 -o json
`;

/** `zdms cve ID`: who is affected, and what closes it. */
export function addCve(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('cve'))
    .description('say which hosts a CVE affects, what closes it there, and what cannot be known')
    .argument('<cve>', 'id of the CVE: CVE-2026-1234')
    .addHelpText('after', HELP);
  command.action((id: string) =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.showCve(id), cveText);
    }),
  );
}
