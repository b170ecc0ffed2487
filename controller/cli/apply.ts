import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { PlanDocument } from '../../proto/zdms/v1/documents.ts';
import { withOperator } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodeOfPlan, exitCodes } from './exit-code.ts';
import { followRollout } from './follow/follow-rollout.ts';
import type { OperatorClient } from './operator-client.ts';
import { readTextFile } from './read-text-file.ts';
import { planText, shortPlan } from './texts/plan-text.ts';

interface ApplyOptions {
  readonly yes?: boolean;
  readonly detach?: boolean;
  readonly detailedExitcode?: boolean;
}

/** `zdms apply PLAN|CHANGE` */
export function addApply(parent: Command, context: CliContext): void {
  const command = parent
    .command('apply')
    .description('carry out a plan: shows it, asks, then follows; Ctrl-C only stops watching')
    .argument('<plan>', 'a plan as `zdms plan` printed it, or a change file to be planned now')
    .option('-y, --yes', 'do not ask (needed where nobody can answer)')
    .option('--detach', 'start it and do not follow')
    .option('--detailed-exitcode', 'exit code 6 when there is nothing to do')
    .addHelpText('after', '\nExamples:\n  $ zdms apply p7f3a12c\n  $ zdms apply change.yaml --yes\n');
  command.action((plan: string, options: ApplyOptions) =>
    withOperator(command, context, async (client) => {
      context.exitWith(await apply(client, plan, options, context));
    }),
  );
}

async function apply(
  client: OperatorClient,
  wanted: string,
  options: ApplyOptions,
  context: CliContext,
): Promise<number> {
  const { terminal, operator } = context;
  if (options.yes !== true && !terminal.canAsk) throw needsYes();
  const plan = await findPlan(client, wanted);
  terminal.write(planText(plan));
  if (plan.hosts === 0) {
    terminal.write('\nNothing to do.\n');
    return exitCodeOfPlan(plan, options.detailedExitcode === true);
  }
  if (options.yes !== true && !(await terminal.ask(`\nApply ${shortPlan(plan.hash)} to ${plan.hosts} hosts?`))) {
    terminal.write('Not applied.\n');
    return exitCodes.error;
  }
  const rollout = await client.apply(plan.hash, operator);
  terminal.write(`\nrollout ${rollout.id} is on its way\n`);
  return options.detach === true ? exitCodes.done : followRollout(client, rollout.id, context);
}

async function findPlan(client: OperatorClient, wanted: string): Promise<PlanDocument> {
  if (/^p?[0-9a-f]{4,64}$/.test(wanted) && !existsSync(wanted)) return client.showPlan(wanted);
  return client.plan(wanted, await readTextFile(wanted));
}

function needsYes(): ZdmsError {
  return new ZdmsError('ZDMS_NEEDS_YES', 'nobody can be asked here', 'Look at the plan, then add --yes.');
}
