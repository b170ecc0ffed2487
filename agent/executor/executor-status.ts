import { Epoch } from './epoch.ts';
import type { ExecutorPaths } from './executor-paths.ts';
import { defaultExecutorPaths, epochDirectory } from './executor-paths.ts';
import { StepJournal } from './step-journal.ts';
import type { StepRecord } from './step-record.ts';

/** One step for people; `code` of a failure, else null. Times UTC ms. */
export type StepSummary = {
  readonly token: string;
  readonly verb: string;
  readonly rollout: string;
  readonly state: 'unfinished' | 'succeeded' | 'failed';
  readonly code: string | null;
  readonly startedAt: number;
  readonly finishedAt: number | null;
};

export type ExecutorStatus = { readonly epochSeen: number; readonly steps: readonly StepSummary[] };

function summarise(record: StepRecord): StepSummary {
  const { token, verb, rollout, startedAt, finishedAt, outcome } = record;
  const code = outcome?.kind === 'failed' ? outcome.code : null;
  return { token, verb, rollout, state: outcome?.kind ?? 'unfinished', code, startedAt, finishedAt };
}

/** What the executor's journal has, newest first. Reads only. */
export async function executorStatus(paths: ExecutorPaths = defaultExecutorPaths): Promise<ExecutorStatus> {
  const [epochSeen, records] = await Promise.all([
    new Epoch(epochDirectory(paths)).seen(),
    new StepJournal(paths).list(),
  ]);
  return { epochSeen, steps: records.map(summarise) };
}

/** The same as lines of text, the newest `limit` steps. */
export function formatExecutorStatus(status: ExecutorStatus, limit = 20): string {
  const lines = status.steps.slice(0, limit).map((step) => {
    const took = step.finishedAt === null ? '' : ` in ${((step.finishedAt - step.startedAt) / 1000).toFixed(1)} s`;
    const code = step.code === null ? '' : ` (${step.code})`;
    return `${new Date(step.startedAt).toISOString()}  ${step.token}  ${step.verb}  ${step.state}${code}${took}`;
  });
  const head =
    status.epochSeen === 0 ? 'no controller has spoken to this host yet' : `highest epoch seen: ${status.epochSeen}`;
  return [head, ...(lines.length > 0 ? lines : ['no steps'])].join('\n');
}
