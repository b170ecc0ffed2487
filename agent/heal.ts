import { ZdmsError } from '../lib/zdms-error.ts';
import type { StepContext } from './platform/step-context.ts';
import { createFileChanges } from './platform/files/file-changes.ts';
import { systemCommands } from './platform/run-command.ts';

const PLAN = /^[0-9a-f]{64}$/;

/**
 * `zdms-agent heal PLAN`: what the timer starts when nobody has confirmed the files of that plan over a new connection. `say` goes to the
 * journal of its unit. Throws StepFailure where they could not be put back.
 */
export async function healThisHost(plan: string, say: (line: string) => void): Promise<void> {
  // It becomes part of a path.
  if (!PLAN.test(plan))
    throw new ZdmsError('ZDMS_PLAN_HASH_INVALID', `${plan} is no hash of a plan`, 'leave this verb to its timer');
  const context: StepContext = { logPath: '/dev/null', note: say, remark: say, measure: async (_, work) => work() };
  await createFileChanges(systemCommands).heal(plan, context);
}
