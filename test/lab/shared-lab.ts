import { join } from 'node:path';
import { after } from 'mocha';
import { readTruth } from './proof/host-truth.ts';
import { zdmsLabUp, type ZdmsLab } from './proof/zdms-lab.ts';

const DIRECTORY = join(import.meta.dirname, '../../.cache/lab-suite');
const VERSIONS = ['1.1.0', '1.2.0', '1.0.0'];
/** Half of what the demo sends: two slow cores are hosts, controller and users at once here, and a late load proves nothing. */
export const RATE_PER_SECOND = 200;

/** The labs that suites share: users behind balancers, hosts of several package managers, bare hosts of which many may be out at once,
 * or hosts with firmware. */
export type SharedTopology = 'default' | 'families' | 'misfortunes' | 'firmware';

let current: { readonly topology: SharedTopology; readonly lab: Promise<ZdmsLab> } | null = null;

/**
 * The lab that these tests share, since building one takes half a minute; the first to ask builds it. There is one at a time, so
 * whoever asks for another topology ends the one before; `npm run test:lab` runs the suites of one after each other.
 */
export async function sharedLab(topology: SharedTopology = 'default'): Promise<ZdmsLab> {
  if (current?.topology !== topology) {
    await endSharedLab();
    const signal = new AbortController().signal;
    const say = (line: string): void => console.log(`      ${line}`);
    current = { topology, lab: zdmsLabUp({ topology, directory: DIRECTORY, say, signal }) };
  }
  return current.lab;
}

/** Ends the lab that is up, if there is one: after a suite that leaves its hosts broken. */
export async function endSharedLab(): Promise<void> {
  const built = await current?.lab.catch(() => null);
  current = null;
  await built?.down();
}

/** A version that none of the hosts has of its demo package, so that every one of them has something to do. */
export async function freshVersion(hosts: readonly string[]): Promise<string> {
  const present = new Set((await readTruth(hosts)).map((host) => host.version));
  const version = VERSIONS.find((each) => !present.has(each));
  if (version === undefined) throw new Error('every version is on some host');
  return version;
}

// Imported by each of the suites but loaded once, so this is one hook for all of them.
after('take the lab down', endSharedLab);
