import type { Command } from 'commander';
import { parseChange } from '../config/change-file.ts';
import { ConfigError } from '../config/config-error.ts';
import type { ConfigProblem } from '../config/config-error.ts';
import { parseFleet } from '../config/fleet-file.ts';
import type { CliContext } from './cli-context.ts';
import { readTextFile } from './read-text-file.ts';

/** `zdms check FLEET [CHANGE]`: needs no controller. */
export function addCheck(parent: Command, context: CliContext): void {
  parent
    .command('check')
    .description('check a fleet file, and a change file with it; offline, for CI')
    .argument('<fleet>', 'the fleet file')
    .argument('[change]', 'a change file')
    .addHelpText('after', '\nExamples:\n  $ zdms check fleet.yaml\n  $ zdms check /etc/zdms/fleet.yaml change.yaml\n')
    .action(async (fleet: string, change: string | undefined) => {
      const problems = [
        ...(await problemsOf(fleet, parseFleet)),
        ...(change === undefined ? [] : await problemsOf(change, parseChange)),
      ];
      if (problems.length > 0) throw new ConfigError(problems);
      const files = change === undefined ? [fleet] : [fleet, change];
      context.terminal.write(files.map((file) => `${file}: good\n`).join(''));
    });
}

async function problemsOf(
  file: string,
  parse: (text: string, file: string) => unknown,
): Promise<readonly ConfigProblem[]> {
  const text = await readTextFile(file);
  try {
    parse(text, file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
