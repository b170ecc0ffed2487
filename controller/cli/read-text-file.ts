import { ZdmsError } from '../../lib/zdms-error.ts';
import type { CliContext } from './cli-context.ts';

/** A file that a person named. Throws ZdmsError ZDMS_FILE_UNREADABLE. */
export async function readTextFile(file: string, context: Pick<CliContext, 'readFile'>): Promise<string> {
  try {
    return await context.readFile(file);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new ZdmsError(
      'ZDMS_FILE_UNREADABLE',
      `${file} cannot be read (${code})`,
      'Check the path and who may read it.',
    );
  }
}
