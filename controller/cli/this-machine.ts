import { readFile } from 'node:fs/promises';
import { systemClock } from '../../lib/system-clock.ts';
import type { CliContext } from './cli-context.ts';
import { connectOperator } from './operator-client.ts';

/** What verbs use of the machine that they run on. */
export const thisMachine: Pick<CliContext, 'connect' | 'readFile' | 'now' | 'sleep'> = {
  connect: connectOperator,
  readFile: (path) => readFile(path, 'utf8'),
  now: systemClock.now,
  sleep: (durationMs, signal) => systemClock.sleep(durationMs, signal),
};
