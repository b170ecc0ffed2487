import type { Command } from 'commander';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { hostOfRolloutText } from './texts/rollout-text.ts';

const HELP = `
You take the host over. Its slot ends, so other hosts may be taken out as far as the budgets allow: a host that does not serve still
counts as out. What zdms would have put back for it is yours from now on; this verb prints the list. The rollout goes on without it.

Examples:
  $ zdms release web-3 --reason "disk is being replaced"
`;

/** `zdms release HOST --reason TEXT` */
export function addRelease(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('release'))
    .description('take a held host over: its slot ends, what is left to put back is yours')
    .argument('<host>', 'id of the host')
    .requiredOption('--reason <text>', 'why, for the journal')
    .option('--rollout <id>', 'where several rollouts have the host: in which one', '')
    .addHelpText('after', HELP);
  command.action((host: string, { reason, rollout }: { reason: string; rollout: string }) =>
    withOperator(command, context, async (client) => {
      // Looked at before: a release ends them.
      const { rollouts } = await client.listRollouts();
      const before = await Promise.all(rollouts.map(({ id }) => client.status(id)));
      const released = await client.release({ host, rollout, operator: context.operator, reason });
      const left = before.filter(({ id }) => id === released.id).flatMap((each) => leftToDo(each, host));
      const table = (document: RolloutDocument) =>
        `${hostOfRolloutText(document, host, context.now())}${leftText(host, left)}`;
      await print(command, context, released, table);
    }),
  );
}

/** What zdms owes for this host, as a person would do it. */
function leftToDo({ obligations }: RolloutDocument, host: string): readonly string[] {
  return obligations.filter((obligation) => obligation.host === host).map(({ text }) => text);
}

function leftText(host: string, left: readonly string[]): string {
  if (left.length === 0) return `Nothing is left to put back for ${host}.\n`;
  return `Left for you to do by hand:\n${left.map((text) => `  ${text}\n`).join('')}`;
}
