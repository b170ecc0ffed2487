import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { addRolloutVerb } from './rollout-command.ts';

/** `zdms resume [ROLLOUT]` */
export function addResume(parent: Command, context: CliContext): void {
  addRolloutVerb(parent, context, {
    name: 'resume',
    description: 'go on with a paused or stopped rollout',
    takesReason: false,
    send: (client, command) => client.resume(command),
  });
}
