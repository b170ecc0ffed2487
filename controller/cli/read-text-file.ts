import { readFile } from 'node:fs/promises';
import { ZdmsError } from '../../lib/zdms-error.ts';

/** A file that a person named. Throws ZdmsError ZDMS_FILE_UNREADABLE. */
export async function readTextFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new ZdmsError(
      'ZDMS_FILE_UNREADABLE',
      `${file} cannot be read (${code})`,
      'Check the path and who may read it.',
    );
  }
}
