import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { planDifferenceText } from './texts/plan-difference-text.ts';

/** `zdms diff PLAN PLAN` */
export function addDiff(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('diff'))
    .description('say what a second plan does otherwise than a first one: hosts, versions, stages and waves, time')
    .argument('<from>', 'a plan as `zdms plan` printed it')
    .argument('<to>', 'another one')
    .addHelpText('after', '\nExamples:\n  $ zdms diff p7f3a12c p9b01e44\n  $ zdms diff p7f3a12c p9b01e44 -o json\n');
  command.action((from: string, to: string) =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.comparePlans(from, to), planDifferenceText);
    }),
  );
}
