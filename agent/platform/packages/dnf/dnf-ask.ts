import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Commands } from '../../run-command.ts';
import { StepFailure } from '../../step-failure.ts';
import { dnfQuestion } from './dnf-question.ts';

const failure = z.object({
  code: z.enum([
    'package-held',
    'version-unobtainable',
    'unmet-dependencies',
    'download-failed',
    'package-manager-failed',
  ]),
  message: z.string(),
});

/** The Python that dnf itself runs on, which has its modules: `platform-python` on some releases. */
async function findInterpreter(): Promise<string> {
  const text = await readFile('/usr/bin/dnf', 'utf8').catch(() => '');
  return /^#!\s*(\S+)/.exec(text)?.[1] ?? '/usr/bin/python3';
}

/** Asks dnf; see `dnfQuestion`. Throws StepFailure with dnf's code, or `internal-error` where it does not answer. */
export async function askDnf<T>(
  commands: Commands,
  question: string,
  asked: Readonly<Record<string, unknown>>,
  answer: z.ZodType<T>,
  timeoutMs: number,
): Promise<T> {
  const argv = [await findInterpreter(), '-c', dnfQuestion, question, JSON.stringify(asked)];
  const result = await commands.run(argv, { timeoutMs });
  if (result.timedOut) throw new StepFailure('package-manager-timeout', `dnf did not answer '${question}' in time`);
  const line = result.stdout.trim().split('\n').at(-1) ?? '';
  if (result.exitCode !== 0 || !line.startsWith('{'))
    throw new StepFailure('internal-error', `dnf, asked for '${question}': ${result.stderr.slice(-1000)}`);
  const parsed: unknown = JSON.parse(line);
  const failed = failure.safeParse(parsed);
  if (failed.success) throw new StepFailure(failed.data.code, failed.data.message.slice(0, 1500));
  return answer.parse(parsed);
}
