import { Argument, type Command } from 'commander';
import { type FileKind, fileKinds, fileSchema } from '../config/file-schema.ts';
import type { CliContext } from './cli-context.ts';

/** `zdms schema KIND`: needs no controller. */
export function addSchema(parent: Command, context: CliContext): void {
  parent
    .command('schema')
    .description('print the JSON Schema of a file, for editors: completion, explanations, errors while you type')
    .addArgument(new Argument('<file>', 'which file').choices(fileKinds))
    .addHelpText(
      'after',
      `
Examples:
  $ zdms schema fleet > fleet.schema.json
Then, as the first line of fleet.yaml (for editors with the YAML language server):
  # yaml-language-server: $schema=fleet.schema.json
`,
    )
    .action((kind: FileKind) => context.terminal.write(`${JSON.stringify(fileSchema(kind), null, 2)}\n`));
}
