import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { quarantineText } from './texts/quarantine-text.ts';

const HELP = `
A version gets there by itself when a rollout is taken back: by \`zdms rollback ROLLOUT\`, or by the policy (onFailure: undo). No plan brings
it to a host any more until a person lifts it; an open rollout that would pauses, and \`zdms resume\` goes on in spite of that.

Examples:
  $ zdms quarantine ls
  $ zdms quarantine add zdemo=1.2.0 --reason "leaks memory"
  $ zdms quarantine lift zdemo=1.2.0
`;

/** `zdms quarantine ls | add VERSION... | lift VERSION...` */
export function addQuarantine(parent: Command, context: CliContext): void {
  const group = parent
    .command('quarantine')
    .description('versions that reach no host any more')
    .addHelpText('after', HELP);
  addList(group, context);
  addAdd(group, context);
  addLift(group, context);
}

function addList(group: Command, context: CliContext): void {
  const command = withOutputOption(group.command('ls'))
    .description('list them: since when, by whom, why')
    .addHelpText('after', '\nExamples:\n  $ zdms quarantine ls\n');
  command.action(() =>
    withOperator(command, context, async (client) => {
      const all = await client.quarantine({ operator: context.operator });
      await print(command, context, all, (document) => quarantineText(document, context.now()));
    }),
  );
}

function addAdd(group: Command, context: CliContext): void {
  const command = withOutputOption(group.command('add'))
    .description('no host gets these versions any more')
    .argument('<version...>', 'NAME=VERSION')
    .requiredOption('--reason <text>', 'why, for everybody who wonders')
    .addHelpText('after', '\nExamples:\n  $ zdms quarantine add zdemo=1.2.0 --reason "leaks memory"\n');
  command.action((add: readonly string[], { reason }: { reason: string }) =>
    withOperator(command, context, async (client) => {
      const all = await client.quarantine({ operator: context.operator, add, reason });
      await print(command, context, all, (document) => quarantineText(document, context.now()));
    }),
  );
}

function addLift(group: Command, context: CliContext): void {
  const command = withOutputOption(group.command('lift'))
    .description('these versions may be planned again')
    .argument('<version...>', 'NAME=VERSION')
    .addHelpText('after', '\nExamples:\n  $ zdms quarantine lift zdemo=1.2.0\n');
  command.action((lift: readonly string[]) =>
    withOperator(command, context, async (client) => {
      const all = await client.quarantine({ operator: context.operator, lift });
      await print(command, context, all, (document) => quarantineText(document, context.now()));
    }),
  );
}
