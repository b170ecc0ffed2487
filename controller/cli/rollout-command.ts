import type { Command } from 'commander';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import type { OperatorClient, RolloutCommand } from './operator-client.ts';
import { headLines } from './texts/rollout-text.ts';

/** What makes one of `pause`, `resume`, `abort`. */
export interface RolloutVerb {
  readonly name: string;
  readonly description: string;
  readonly takesReason: boolean;
  readonly send: (client: OperatorClient, command: RolloutCommand) => Promise<RolloutDocument>;
}

/** A verb that tells a rollout something and shows how it stands then. */
export function addRolloutVerb(parent: Command, context: CliContext, verb: RolloutVerb): void {
  const command = withOutputOption(parent.command(verb.name))
    .description(verb.description)
    .argument('[rollout]', 'id; may be left out where only one is open', '');
  if (verb.takesReason) command.option('--reason <text>', 'why, for the journal', '');
  const reasonExample = verb.takesReason ? ` --reason "release at noon"` : '';
  command.addHelpText('after', `\nExamples:\n  $ zdms ${verb.name}${reasonExample}\n`);
  command.action((id: string, { reason = '' }: { reason?: string }) =>
    withOperator(command, context, async (client) => {
      const document = await verb.send(client, { rollout: id, operator: context.operator, reason });
      await print(command, context, document, (rollout) => `${headLines(rollout, context.now()).join('\n')}\n`);
    }),
  );
}
