import type { Command } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { HostDocument } from '../../proto/zdms/v1/documents.ts';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { needsYes } from './needs-yes.ts';

const HELP = `
The controller forgets the host and refuses its agent from then on. Nothing is done to the host itself.

Examples:
  $ zdms host remove web-3
  $ zdms host remove web-3 --yes
`;

/** `zdms host remove HOST` */
export function addHostRemove(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('remove'))
    .description('forget a host: it is no longer of the fleet')
    .argument('<host>', 'id of the host')
    .option('-y, --yes', 'do not ask (needed where nobody can answer)')
    .addHelpText('after', HELP);
  command.action((id: string, { yes = false }: { yes?: boolean }) =>
    withOperator(command, context, async (client) => {
      const { terminal } = context;
      if (!yes && !terminal.canAsk) throw needsYes('the host with `zdms host show`');
      const host = await client.showHost(id);
      if (!yes && !(await terminal.ask(questionText(host)))) throw notRemoved(id);
      await print(command, context, await client.removeHost(id, context.operator), () => removedText(host));
    }),
  );
}

function questionText({ id, address, services }: HostDocument): string {
  const serving = services.length === 0 ? 'in no service' : `in ${services.join(', ')}`;
  return `Remove ${id} (${address}, ${serving}) from the fleet?`;
}

function removedText({ id, services }: HostDocument): string {
  return [
    `${id} is no longer of the fleet, and its agent is refused.`,
    // Sizes are declared, not counted.
    ...services.map(
      (service) => `In the fleet file: ${service} misses a member now, lower its size or replace the host.`,
    ),
    'On the host: sudo apt-get purge zdms-agent',
    '',
  ].join('\n');
}

function notRemoved(id: string): ZdmsError {
  return new ZdmsError('ZDMS_NOT_CONFIRMED', `${id} was not removed`, 'Run it again when you are ready.');
}
