import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { packageVersion } from '../../lib/package-version.ts';
import type { CliContext } from './cli-context.ts';
import { manPages } from './manual/man-page.ts';

/** `zdms man-pages DIRECTORY`, for who makes packages: the manual is not installed by hand, so nobody is shown this verb. */
export function addManPages(parent: Command, context: CliContext): void {
  parent
    .command('man-pages', { hidden: true })
    .description('write the manual, a page for each verb, into a directory')
    .argument('<directory>', 'made where it is not there')
    .action(async (directory: string) => {
      const pages = manPages(parent, { version: packageVersion(), date: dateOf(context) });
      await mkdir(directory, { recursive: true });
      for (const { file, text } of pages) await writeFile(join(directory, file), text);
      context.terminal.write(`${pages.length} pages in ${directory}\n`);
    });
}

/** Who builds the same package again gets the same pages: https://reproducible-builds.org/specs/source-date-epoch. */
function dateOf(context: CliContext): number {
  const seconds = context.environment['SOURCE_DATE_EPOCH'];
  return seconds === undefined ? context.now() : Number(seconds) * 1000;
}
