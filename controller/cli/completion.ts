import { Argument } from 'commander';
import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { completeWords } from './complete/complete-words.ts';
import { shellScripts } from './complete/shell-scripts.ts';
import type { Shell } from './complete/shell-scripts.ts';

const HELP = `
Completes verbs, options, and the names of hosts, rollouts and plans, which it asks the controller for.

Examples:
  $ zdms completion bash > /etc/bash_completion.d/zdms
  $ zdms completion zsh > "\${fpath[1]}/_zdms"
  $ zdms completion fish > ~/.config/fish/completions/zdms.fish
  $ source <(zdms completion bash)                # for this shell only
`;

/** `zdms completion SHELL`, and what its scripts ask: `zdms complete -- WORDS`. */
export function addCompletion(parent: Command, context: CliContext): void {
  parent
    .command('completion')
    .description('print a script that makes your shell complete zdms')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shellScripts)))
    .addHelpText('after', HELP)
    .action((shell: Shell) => context.terminal.write(shellScripts[shell]));
  const complete = parent
    .command('complete', { hidden: true })
    .description('answer a completion script: what may the last word become?')
    .argument('[words...]', 'the words after zdms, up to the cursor')
    .action((words: readonly string[]) => completeWords(complete, words, context));
}
