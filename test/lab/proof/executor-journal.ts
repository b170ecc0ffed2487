import { labExec } from '../../../vagrant/nspawn/lab.ts';

/** One entry of an executor's journal on a host, as far as the proof reads it. */
export interface ExecutorStep {
  readonly token: string;
  readonly verb: string;
  readonly rollout: string;
  readonly epoch: number;
  readonly bootId: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly outcome: { readonly kind: string; readonly code?: string } | null;
}

const STEPS_DIRECTORY = '/var/lib/zdms/executor/steps';

/** The journal of one host, oldest first; empty where no executor ever worked. Throws Error when the host does not answer. */
export async function readExecutorJournal(host: string): Promise<readonly ExecutorStep[]> {
  const { code, stdout, stderr } = await labExec(host, [
    'find',
    STEPS_DIRECTORY,
    '-name',
    '*.json',
    '-exec',
    'awk',
    '1',
    '{}',
    '+',
  ]);
  if (code !== 0 && !stderr.includes('No such file'))
    throw new Error(`${host} does not show its journal: ${stderr.trim()}`);
  return parseSteps(stdout);
}

/** Reads journal entries, one a line; oldest first. */
export function parseSteps(text: string): readonly ExecutorStep[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExecutorStep)
    .toSorted((a, b) => a.startedAt - b.startedAt);
}

const PATCHED_AND_REBOOTED: readonly string[] = ['apply', 'reboot'];

/** Which of the effects of a rollout the journal of a host has more or less than once, in words; empty when all is well. */
export function effectsNotOnce(
  host: string,
  steps: readonly ExecutorStep[],
  rollout: string,
  verbs = PATCHED_AND_REBOOTED,
): readonly string[] {
  const mine = steps.filter((step) => step.rollout === rollout);
  return verbs.flatMap((verb) => {
    const carriedOut = mine.filter((step) => step.verb === verb && step.outcome?.kind === 'succeeded');
    return carriedOut.length === 1
      ? []
      : [`${host}: ${verb} succeeded ${carriedOut.length} times (${carriedOut.map((step) => step.token).join(', ')})`];
  });
}
