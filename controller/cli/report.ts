import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { reportText } from './texts/report-text.ts';

/** `zdms report [ROLLOUT]` */
export function addReport(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('report'))
    .description('the proof: what users noticed, how long each host was out, and why')
    .argument('[rollout]', 'id; otherwise the only open one, or the last one', '')
    .option('--last', 'the last rollout (the default)')
    .addHelpText('after', '\nExamples:\n  $ zdms report --last\n  $ zdms report -o json > report.json\n');
  command.action((rollout: string) =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.report(rollout), reportText);
    }),
  );
}
