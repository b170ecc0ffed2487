import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodeOfPlan } from './exit-code.ts';
import { readTextFile } from './read-text-file.ts';
import { planText, shortPlan } from './texts/plan-text.ts';

interface PlanOptions {
  readonly detailedExitcode?: boolean;
}

/** `zdms plan CHANGE` */
export function addPlan(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('plan'))
    .description('work out who gets what, in which order; changes nothing')
    .argument('<change>', 'the change file')
    .option('--detailed-exitcode', 'exit code 6 when there is nothing to do')
    .addHelpText('after', '\nExamples:\n  $ zdms plan change.yaml\n  $ zdms plan change.yaml -o json\n');
  command.action((file: string, options: PlanOptions) =>
    withOperator(command, context, async (client) => {
      const plan = await client.plan(file, await readTextFile(file, context));
      await print(
        command,
        context,
        plan,
        (document) => `${planText(document)}${nextText(document.hosts, document.hash)}`,
      );
      context.exitWith(exitCodeOfPlan(plan, options.detailedExitcode === true));
    }),
  );
}

function nextText(hosts: number, hash: string): string {
  return hosts === 0 ? '\nNothing to do.\n' : `\nNext: zdms apply ${shortPlan(hash)}\n`;
}
