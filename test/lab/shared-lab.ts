import { join } from 'node:path';
import { after } from 'mocha';
import { readTruth } from './proof/host-truth.ts';
import { zdmsLabUp, type ZdmsLab } from './proof/zdms-lab.ts';

const DIRECTORY = join(import.meta.dirname, '../../.cache/lab-suite');
const VERSIONS = ['1.1.0', '1.2.0', '1.0.0'];
export const RATE_PER_SECOND = 400;

let lab: Promise<ZdmsLab> | null = null;

/** The lab that all of these tests share, since building one takes half a minute; the first to ask builds it. */
export function sharedLab(): Promise<ZdmsLab> {
  const signal = new AbortController().signal;
  lab ??= zdmsLabUp({ topology: 'default', directory: DIRECTORY, say: (line) => console.log(`      ${line}`), signal });
  return lab;
}

/** A version that none of the hosts has of its demo package, so that every one of them has something to do. */
export async function freshVersion(hosts: readonly string[]): Promise<string> {
  const present = new Set((await readTruth(hosts)).map((host) => host.version));
  const version = VERSIONS.find((each) => !present.has(each));
  if (version === undefined) throw new Error('every version is on some host');
  return version;
}

// Imported by each of the suites but loaded once, so this is one hook for all of them.
after('take the lab down', async () => {
  const built = await lab?.catch(() => null);
  await built?.down();
});
