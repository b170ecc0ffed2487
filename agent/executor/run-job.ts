import { ZdmsError } from '../../lib/zdms-error.ts';
import { orderBody, requestBody } from '../../proto/zdms/v1/executor.ts';
import type { ExecutorSetting } from './executor-dependencies.ts';
import { executorDependencies } from './executor-dependencies.ts';
import { stepLogPath } from './executor-paths.ts';
import { runStep } from './run-step.ts';
import { openStepContext } from './step-log.ts';
import { thisWorker } from './worker.ts';

/**
 * `zdms-agent exec --job TOKEN`: the detached part of a step, in its own unit, from the journal's record alone (root's own file; its
 * signatures were checked before the token was written). Writes the outcome into the journal.
 * Throws ZdmsError when the token is not there or has ended: the work is never done a second time.
 */
export async function runJob(token: string, options: ExecutorSetting = {}): Promise<void> {
  const dependencies = executorDependencies(options);
  const { journal, platform, paths } = dependencies;
  const found = await journal.read(token);
  const order = found === null ? null : await journal.readOrder(found.orderHash);
  if (found === null || order === null) throw new ZdmsError('ZDMS_STEP_UNKNOWN', `no step ${token} in the journal`);
  if (found.outcome !== null) throw new ZdmsError('ZDMS_STEP_ENDED', `step ${token} has ended already`);
  const request = requestBody.parse(JSON.parse(found.request.body));
  if (request.verb !== 'fetch' && request.verb !== 'apply' && request.verb !== 'rollback') {
    throw new ZdmsError('ZDMS_STEP_UNKNOWN', `step ${token} is a ${request.verb}, which is not detached`);
  }
  const bootId = await platform.boot.bootId();
  if (found.bootId !== bootId) throw new ZdmsError('ZDMS_STEP_ENDED', `step ${token} belongs to boot ${found.bootId}`);
  const record = { ...found, worker: await thisWorker(process.env['INVOCATION_ID'] !== undefined) };
  await journal.note(record);
  const context = openStepContext(stepLogPath(paths, token));
  context.note(`${request.verb} of order ${found.orderHash}`);
  const outcome = await runStep(dependencies, orderBody.parse(JSON.parse(order.body)), request, context);
  await journal.finish({ ...record, finishedAt: Date.now(), outcome });
}
