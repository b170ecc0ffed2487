import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { BundleFile } from './collect.ts';

/** Writes the files, below one folder, into a new .tar.gz that its owner alone may read. Throws ZdmsError ZDMS_OUTPUT_UNWRITABLE. */
export async function writeBundle(
  path: string,
  folder: string,
  files: readonly BundleFile[],
  now: number,
): Promise<void> {
  const archive = pack();
  for (const { name, text } of files)
    archive.entry({ name: `${folder}/${name}`, mode: 0o600, mtime: new Date(now) }, text);
  archive.finalize();
  try {
    await pipeline(archive, createGzip(), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    throw new ZdmsError(
      'ZDMS_OUTPUT_UNWRITABLE',
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      'Name another file with --output; one that is there is not overwritten.',
    );
  }
}
