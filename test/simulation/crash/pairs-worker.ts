import { parentPort } from 'node:worker_threads';
import { type FirstInterruption, runPairs } from './crash-pairs.ts';

parentPort?.on('message', (task: FirstInterruption) => {
  void runPairs(task).then((result) => parentPort?.postMessage(result));
});
