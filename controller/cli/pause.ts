import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { addRolloutVerb } from './rollout-command.ts';

/** `zdms pause [ROLLOUT]` */
export function addPause(parent: Command, context: CliContext): void {
  addRolloutVerb(parent, context, {
    name: 'pause',
    description: 'no new host is taken out; those that are out finish',
    takesReason: true,
    send: (client, command) => client.pause(command),
  });
}
