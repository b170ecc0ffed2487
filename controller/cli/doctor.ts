import { Option } from 'commander';
import type { Command } from 'commander';
import { print, socketOf, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodes } from './exit-code.ts';
import { doctorText } from './texts/doctor-text.ts';

const HELP = `
A line for each check: ok, warning, wrong, or unknown where it could not be checked, with what to do next. What needs no controller is
checked without one. Exit code 1 where something is wrong. Root sees most.

Examples:
  $ zdms doctor
  $ zdms doctor --json | jq '.[] | select(.state != "ok")'
`;

/** `zdms doctor` */
export function addDoctor(parent: Command, context: CliContext): void {
  const command = withOutputOption(parent.command('doctor'))
    .description('check this controller: clock, certificates, files, disk, versions, agents, balancers')
    .option('--config <file>', 'its configuration', '/etc/zdms/controller.yaml')
    .addOption(new Option('--json', 'the same as -o json').implies({ output: 'json' }))
    .addHelpText('after', HELP);
  command.action(async ({ config }: { config: string }) => {
    // Loaded here alone: reading files of every kind would slow down the start of every other verb.
    const { examine } = await import('./doctor/examine.ts');
    const connect = (socket: string | null) => context.connect(socketOf(command, context, socket));
    const findings = await examine(config, connect, context);
    await print(command, context, findings, (all) => doctorText(all, context.terminal.hasColor));
    if (findings.some(({ state }) => state === 'wrong')) context.exitWith(exitCodes.error);
  });
}
