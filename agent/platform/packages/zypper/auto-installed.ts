import { appendFile, readFile } from 'node:fs/promises';
import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';

/** libzypp's list of packages that came as dependencies: a name a line, and comments. zypper itself has no verb to mark one. */
const AUTO_INSTALLED = '/var/lib/zypp/AutoInstalled';

async function readAutoInstalled(): Promise<ReadonlySet<string>> {
  const text = await readFile(AUTO_INSTALLED, 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')));
}

/** zypper takes whatever is named to it for something that a person wanted; what came as a dependency has to stay one. */
export async function keepAutoInstalled<T>(packages: readonly ExactPackage[], work: () => Promise<T>): Promise<T> {
  const before = await readAutoInstalled();
  const result = await work();
  const after = await readAutoInstalled();
  const lost = packages.map(({ name }) => name).filter((name) => before.has(name) && !after.has(name));
  if (lost.length > 0) await appendFile(AUTO_INSTALLED, lost.map((name) => `${name}\n`).join(''));
  return result;
}
