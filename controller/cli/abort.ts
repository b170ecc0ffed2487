import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { addRolloutVerb } from './rollout-command.ts';

/** `zdms abort [ROLLOUT]` */
export function addAbort(parent: Command, context: CliContext): void {
  addRolloutVerb(parent, context, {
    name: 'abort',
    description: 'end a rollout: hosts that are out take the shortest safe way back',
    takesReason: true,
    send: (client, command) => client.abort(command),
  });
}
