import type { Command } from 'commander';
import { applyPlan, type ApplyOptions, withConsent } from './apply.ts';
import { withOperator } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';

const HELP = `
Hosts go back to the versions that they had before that rollout, from what they have kept: no mirror is needed. It is a rollout like any
other, in one stage and with high priority. Error budget, ramp and minimum age do not hold it up, nor does what users notice; safety does.
Hosts that the rollout did not get to, or that have moved on since, are left as they are.

Examples:
  $ zdms rollback k3x9p
  $ zdms rollback k3x9p --host web-1 web-2
`;

interface RollbackOptions extends ApplyOptions {
  readonly host?: readonly string[];
}

/** `zdms rollback [ROLLOUT]` */
export function addRollback(parent: Command, context: CliContext): void {
  const command = withConsent(parent.command('rollback'))
    .description('undo what a rollout brought: shows the plan, asks, then follows')
    .argument('[rollout]', 'id; otherwise the last one', '')
    .option('--host <hosts...>', 'these hosts alone')
    .addHelpText('after', HELP);
  command.action((rollout: string, { host, ...options }: RollbackOptions) =>
    withOperator(command, context, async (client) => {
      const plan = async (): ReturnType<typeof client.plan> => {
        const { id } = await client.status(rollout);
        return client.plan(`undo-${id}.yaml`, changeText(id, host));
      };
      context.exitWith(await applyPlan(client, plan, options, context));
    }),
  );
}

function changeText(rollout: string, hosts: readonly string[] | undefined): string {
  return `name: undo-${rollout}
where: ${hosts === undefined ? 'all' : JSON.stringify(hosts)}
packages: undo ${rollout}
reboot: ifNeeded
stages: [{ name: back, hosts: all }]
priority: high
`;
}
