import type { CommandResult, Commands } from '../../../../agent/platform/run-command.ts';

/** How a command ends, as far as it is not `succeeded and said nothing`. */
export type Answer = Partial<CommandResult>;

/** apt and dpkg as recorded: the first answer whose words are all in the command. Remembers what was run. */
export class RecordedCommands implements Commands {
  readonly ran: string[] = [];
  answers: [words: string, answer: Answer | (() => Answer)][] = [];

  async run(argv: readonly string[]): Promise<CommandResult> {
    const command = argv.join(' ');
    this.ran.push(command);
    const found = this.answers.find(([words]) => words.split(' ').every((word) => argv.includes(word)));
    const answer = typeof found?.[1] === 'function' ? found[1]() : found?.[1];
    return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer };
  }

  runLogged(argv: readonly string[]): Promise<CommandResult> {
    return this.run(argv);
  }
}
