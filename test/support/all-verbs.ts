import type { Command } from 'commander';
import { createProgram } from '../../controller/cli/run-cli.ts';
import { thisMachine } from '../../controller/cli/this-machine.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** `zdms` with all its verbs, and a terminal that shows what it writes. */
export function programOfTest(): { readonly program: Command; readonly terminal: FakeTerminal } {
  const terminal = new FakeTerminal();
  const base = { ...thisMachine, terminal, environment: {}, operator: 'ada' };
  return { program: createProgram({ ...base, exitWith: () => undefined }), terminal };
}

/** A command and all below it, those that nobody is shown left out. */
export function commandsBelow(command: Command): readonly Command[] {
  const shown = command.createHelp().visibleCommands(command);
  return [command, ...shown.filter((each) => each.name() !== 'help').flatMap(commandsBelow)];
}

/** `zdms host ls` */
export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
