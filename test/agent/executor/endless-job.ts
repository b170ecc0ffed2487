/** Starts the detached part of a step whose work never ends, for a test to kill it: `node endless-job.ts TOKEN PATHS-AS-JSON`. */
import type { ExecutorPaths } from '../../../agent/executor/executor-paths.ts';
import { runJob } from '../../../agent/executor/run-job.ts';
import { FakeHost } from './executor-rig.ts';

/** The step's token, and ExecutorPaths as JSON. */
export type EndlessJobArguments = readonly [token: string, paths: string];

const [, , token = '', paths = '{}'] = process.argv;
const platform = new FakeHost().platform();
const keepAlive = setInterval(() => undefined, 1000);
const endless = new Promise<void>(() => undefined);
process.stdout.write('started\n');
await runJob(token, {
  paths: JSON.parse(paths) as ExecutorPaths,
  platform: { ...platform, packages: { ...platform.packages, install: () => endless } },
});
clearInterval(keepAlive);
