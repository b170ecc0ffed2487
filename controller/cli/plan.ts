import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodeOfPlan } from './exit-code.ts';
import { readTextFile } from './read-text-file.ts';
import type { PlanDocument } from '../../proto/zdms/v1/plan-document.ts';
import { fileComparisonText } from './texts/file-comparison-text.ts';
import { planText, shortPlan } from './texts/plan-text.ts';

interface PlanOptions {
  readonly barrier?: boolean;
  readonly diff?: boolean;
  readonly detailedExitcode?: boolean;
}

const EXAMPLES = `
Examples:
  $ zdms plan change.yaml
  $ zdms plan change.yaml --barrier
  $ zdms plan change.yaml --diff
  $ zdms plan change.yaml -o json
`;

/** `zdms plan CHANGE` */
export function addPlan(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('plan'))
    .description('work out who gets what, in which order; changes nothing')
    .argument('<change>', 'the change file')
    .option('--barrier', 'the waves come one after the other: slower, and each can be looked at')
    .option('--diff', 'ask its hosts what changes in each file, and show it line by line')
    .option('--detailed-exitcode', 'exit code 6 when there is nothing to do')
    .addHelpText('after', EXAMPLES);
  command.action((file: string, options: PlanOptions) =>
    withOperator(command, context, async (client) => {
      const plan = await client.plan(file, await readTextFile(file, context), options.barrier === true);
      const wantsDiff = options.diff === true && plan.files.length > 0 && plan.hosts > 0;
      const files = wantsDiff ? await client.compareFiles(plan.hash) : null;
      await print(command, context, files === null ? plan : { ...plan, fileDifferences: files }, (document) =>
        [
          planText(document),
          ...(files === null ? [] : ['\n', fileComparisonText(files)]),
          nextText(plan, files !== null),
        ].join(''),
      );
      context.exitWith(exitCodeOfPlan(plan, options.detailedExitcode === true));
    }),
  );
}

function nextText({ hosts, hash, files }: PlanDocument, isCompared: boolean): string {
  if (hosts === 0) return '\nNothing to do.\n';
  const look = files.length === 0 || isCompared ? '' : `What changes in the files: zdms diff ${shortPlan(hash)}\n`;
  return `\n${look}Next: zdms apply ${shortPlan(hash)}\n`;
}
