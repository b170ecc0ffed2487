import { open } from 'node:fs/promises';

/** Has the names in a directory on disk before it returns: without it a power cut may take a new file away again. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
