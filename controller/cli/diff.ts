import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { fileComparisonText } from './texts/file-comparison-text.ts';
import { planDifferenceText } from './texts/plan-difference-text.ts';

const HELP = `
With one plan its hosts are asked now, at most a hundred of them; they change nothing. What not everybody on a host may read is not shown.

Examples:
  $ zdms diff p7f3a12c
  $ zdms diff p7f3a12c p9b01e44
  $ zdms diff p7f3a12c p9b01e44 -o json
`;

/** `zdms diff PLAN [PLAN]` */
export function addDiff(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('diff'))
    .description(
      'say what a plan changes in files, line by line; or what a second plan does otherwise than a first one',
    )
    .argument('<from>', 'a plan as `zdms plan` printed it')
    .argument('[to]', 'another one')
    .addHelpText('after', HELP);
  command.action((from: string, to: string | undefined) =>
    withOperator(command, context, async (client) => {
      if (to === undefined) await print(command, context, await client.compareFiles(from), fileComparisonText);
      else await print(command, context, await client.comparePlans(from, to), planDifferenceText);
    }),
  );
}
