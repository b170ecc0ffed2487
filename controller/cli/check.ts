import type { Command } from 'commander';
import { parseChange } from '../config/change-file.ts';
import { ConfigError } from '../config/config-error.ts';
import type { ConfigProblem } from '../config/config-error.ts';
import { parseFleet } from '../config/fleet-file.ts';
import { parseLimits } from '../config/limits-file.ts';
import type { CliContext } from './cli-context.ts';
import { readTextFile } from './read-text-file.ts';

/** `zdms check FLEET [CHANGE] [LIMITS]`: needs no controller. */
export function addCheck(parent: Command, context: CliContext): void {
  parent
    .command('check')
    .description('check a fleet file, and with it a change file and a limits file; offline, for CI')
    .argument('<fleet>', 'the fleet file')
    .argument('[change]', 'a change file')
    .argument('[limits]', 'a limits file')
    .addHelpText('after', '\nExamples:\n  $ zdms check fleet.yaml\n  $ zdms check fleet.yaml change.yaml limits.yaml\n')
    .action(async (fleet: string, change: string | undefined, limits: string | undefined) => {
      const checked = await checkFile(fleet, parseFleet, context);
      const topology = checked.result?.topology ?? null;
      const others = [
        ...(change === undefined ? [] : [await checkFile(change, parseChange, context)]),
        ...(limits === undefined
          ? []
          : [await checkFile(limits, (text, file) => parseLimits(text, file, topology), context)]),
      ];
      const problems = [checked, ...others].flatMap((each) => each.problems);
      if (problems.length > 0) throw new ConfigError(problems);
      const files = [fleet, change, limits].filter((file) => file !== undefined);
      context.terminal.write(files.map((file) => `${file}: good\n`).join(''));
    });
}

/** What a file means, or all that is wrong with it. */
interface Checked<Result> {
  readonly result: Result | null;
  readonly problems: readonly ConfigProblem[];
}

async function checkFile<Result>(
  file: string,
  parse: (text: string, file: string) => Result,
  context: CliContext,
): Promise<Checked<Result>> {
  const text = await readTextFile(file, context);
  try {
    return { result: parse(text, file), problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { result: null, problems: error.problems };
    throw error;
  }
}
