import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../proto/zdms/v1/plan-document.ts';
import { withOperator } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodeOfPlan, exitCodes } from './exit-code.ts';
import { followRollout } from './follow/follow-rollout.ts';
import { needsYes } from './needs-yes.ts';
import type { OperatorClient } from './operator-client.ts';
import { readTextFile } from './read-text-file.ts';
import { planText, shortPlan } from './texts/plan-text.ts';

/** How a person says yes to a plan, and what comes then. */
export interface ApplyOptions {
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly detach?: boolean;
  readonly detailedExitcode?: boolean;
}

/** No fleet has more hosts, and no count wraps on the wire. */
const HIGHEST_COUNT = 1_000_000;

const EXAMPLES = `
Examples:
  $ zdms apply p7f3a12c
  $ zdms apply change.yaml --yes
  $ zdms apply p7f3a12c --confirm 9     # 9 hosts are more than limits.yaml lets one plan have unasked
`;

/** `zdms apply PLAN|CHANGE` */
export function addApply(parent: Command, context: CliContext): void {
  const command = withConsent(parent.command('apply'))
    .description('carry out a plan: shows it, asks, then follows; Ctrl-C only stops watching')
    .argument('<plan>', 'a plan as `zdms plan` printed it, or a change file to be planned now')
    .option('--detailed-exitcode', 'exit code 6 when there is nothing to do')
    .addHelpText('after', EXAMPLES);
  command.action((plan: string, options: ApplyOptions) =>
    withOperator(command, context, async (client) => {
      context.exitWith(await applyPlan(client, () => findPlan(client, plan, context), options, context));
    }),
  );
}

/** The options of a verb that carries out a plan. */
export function withConsent(command: Command): Command {
  return command
    .option('-y, --yes', 'do not ask (needed where nobody can answer)')
    .option(
      '--confirm <count>',
      'the number of hosts in the plan: for a large share of the fleet, where --yes is not enough',
    )
    .option('--detach', 'start it and do not follow');
}

/** Shows the plan, asks, starts and follows. Returns the exit code. */
export async function applyPlan(
  client: OperatorClient,
  findPlan: () => Promise<PlanDocument>,
  options: ApplyOptions,
  context: CliContext,
): Promise<number> {
  const { terminal } = context;
  const confirmed = options.confirm === undefined ? null : parseCount(options.confirm);
  // Who types the number of hosts has been asked.
  const isAsked = options.yes === true || confirmed !== null;
  if (!isAsked && !terminal.canAsk) throw needsYes('the plan');
  const plan = await findPlan();
  terminal.write(planText(plan));
  if (plan.hosts === 0) {
    terminal.write('\nNothing to do.\n');
    return exitCodeOfPlan(plan, options.detailedExitcode === true);
  }
  if (!isAsked && !(await terminal.ask(`\nApply ${shortPlan(plan.hash)} to ${plan.hosts} hosts?`))) {
    terminal.write('Not applied.\n');
    return exitCodes.error;
  }
  const rollout = await start(client, plan, confirmed, context);
  terminal.write(`\nrollout ${rollout.id} is on its way\n`);
  return options.detach === true ? exitCodes.done : followRollout(client, rollout.id, context);
}

/** Where the limits want a count that nobody has said yet, a person is asked for it. */
async function start(
  client: OperatorClient,
  { hash, hosts }: PlanDocument,
  confirmed: number | null,
  { terminal, operator }: CliContext,
): Promise<RolloutDocument> {
  try {
    return await client.apply(hash, operator, confirmed);
  } catch (error) {
    const wantsCount = error instanceof ZdmsError && error.code === 'ZDMS_CONFIRM_COUNT';
    if (!wantsCount || confirmed !== null || !terminal.canAsk) throw error;
    terminal.write(`\n${error.message}\n`);
    return client.apply(
      hash,
      operator,
      countOf(await terminal.askText(`type the number of hosts (${hosts}) to go on:`)),
    );
  }
}

function parseCount(text: string): number {
  const count = countOf(text);
  if (count !== null) return count;
  throw new ZdmsError(
    'ZDMS_OPTION_INVALID',
    `--confirm ${text}: not a number of hosts`,
    'Say the number that the plan shows.',
  );
}

function countOf(text: string): number | null {
  const count = Number(text);
  return /^\d+$/.test(text) && count >= 1 && count <= HIGHEST_COUNT ? count : null;
}

async function findPlan(client: OperatorClient, wanted: string, context: CliContext): Promise<PlanDocument> {
  if (/^p?[0-9a-f]{4,64}$/.test(wanted) && !existsSync(wanted)) return client.showPlan(wanted);
  return client.plan(wanted, await readTextFile(wanted, context));
}
