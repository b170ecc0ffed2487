import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

/** The files of a .tar.gz, by name without the folder that all of them are in. */
export async function unpackBundle(path: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const archive = extract();
  archive.on('entry', ({ name }, stream, next) => {
    void text(stream).then((content) => {
      files.set(name.replace(/^[^/]+\//, ''), content);
      next();
    });
  });
  await pipeline(createReadStream(path), createGunzip(), archive);
  return files;
}
