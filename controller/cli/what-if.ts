import type { Command } from 'commander';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { whatIfText } from './texts/what-if-text.ts';

const HELP = `
Asks the code that takes hosts out, about a fleet without those hosts: which groups would lack more than their budgets allow or have no
majority, how many more of each could be taken out, and which rollouts would wait. It changes nothing. Agents tell all the time how
their hosts are; balancers and quorum members are asked only while a rollout is open, and what nobody has asked is assumed to be as
declared: the answer lists it.

Examples:
  $ zdms what-if --lose rack=b2
  $ zdms what-if --lose zone=b,rack=2          # one rack, where racks of other zones have the same name
  $ zdms what-if --lose web-1 --lose lb-2 -o json
`;

/** `zdms what-if --lose LEVEL=VALUE` */
export function addWhatIf(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('what-if'))
    .description('say what would be if hosts, a rack or a zone were lost now')
    .requiredOption('--lose <what>', 'a host, or labels: rack=b2; may be there several times', collect, [])
    .addHelpText('after', HELP);
  command.action(({ lose }: { lose: readonly string[] }) =>
    withOperator(command, context, async (client) => {
      await print(command, context, await client.whatIf(lose), whatIfText);
    }),
  );
}

function collect(word: string, before: readonly string[]): readonly string[] {
  return [...before, word];
}
