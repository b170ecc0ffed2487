import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodeOfPlan } from './exit-code.ts';
import { readTextFile } from './read-text-file.ts';
import { planText, shortPlan } from './texts/plan-text.ts';

interface PlanOptions {
  readonly barrier?: boolean;
  readonly detailedExitcode?: boolean;
}

const EXAMPLES = `
Examples:
  $ zdms plan change.yaml
  $ zdms plan change.yaml --barrier
  $ zdms plan change.yaml -o json
`;

/** `zdms plan CHANGE` */
export function addPlan(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('plan'))
    .description('work out who gets what, in which order; changes nothing')
    .argument('<change>', 'the change file')
    .option('--barrier', 'the waves come one after the other: slower, and each can be looked at')
    .option('--detailed-exitcode', 'exit code 6 when there is nothing to do')
    .addHelpText('after', EXAMPLES);
  command.action((file: string, options: PlanOptions) =>
    withOperator(command, context, async (client) => {
      const plan = await client.plan(file, await readTextFile(file, context), options.barrier === true);
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
