import type { Command } from 'commander';
import { packageVersion } from '../../lib/package-version.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { HostDocument } from '../../proto/zdms/v1/documents.ts';
import { withOperator } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';

/** As Debian has them. */
const VERSION = /^[0-9][0-9A-Za-z.+~:-]{0,126}$/;

const HELP = `
Prints a change that brings every agent to one version, by a rollout: a canary of each kind of host first, held where an agent does not
come back, undone by the way back of its package. Put the package on the hosts before; nothing of it is installed by that.

Examples:
  $ zdms host install -f hosts.txt --offer
  $ zdms change agents > agents.yaml
  $ zdms plan agents.yaml
  $ zdms apply agents.yaml
`;

/** `zdms change agents`. */
export function addChangeAgents(parent: Command, context: CliContext): void {
  const command = parent
    .command('agents')
    .description('print a change that upgrades the agents themselves')
    .option('--to <version>', 'the version of the agents (default: that of this zdms)')
    .addHelpText('after', HELP);
  command.action(({ to = packageVersion() }: { readonly to?: string }) =>
    withOperator(command, context, async (client) => {
      if (!VERSION.test(to)) throw noVersion(to);
      context.terminal.write(changeText(await client.listHosts(), to));
    }),
  );
}

function noVersion(to: string): ZdmsError {
  return new ZdmsError('ZDMS_OPTION_INVALID', `--to ${to}: not a version`, 'For example: --to 1.2.0.');
}

function changeText(hosts: readonly HostDocument[], version: string): string {
  const others = hosts.filter(({ agentVersion }) => agentVersion !== version);
  return `# ${others.length} of ${hosts.length} hosts have another agent than ${version}.
name: agents-${version}
where: all
packages: { zdms-agent: "${version}" }
reboot: never
stages:
  - { name: canary, hosts: diverse, soak: 5m }
  - { name: rest, hosts: all }
`;
}
