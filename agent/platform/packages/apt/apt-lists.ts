import { durationText } from '../../../../lib/duration-text.ts';
import type { CommandResult } from '../../run-command.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import type { Apt } from './apt-setting.ts';
import { aptEnvironment } from './apt-arguments.ts';
import { failureExcerpt } from './apt-failure.ts';

const UPDATE_TIMEOUT_MS = 90_000;
const UPDATE = ['apt-get', 'update', '-q', '-o', 'Acquire::Retries=3', '-o', 'Acquire::http::Timeout=30'] as const;

function update(apt: Apt, context: StepContext | null): Promise<CommandResult> {
  const options = { environment: aptEnvironment, timeoutMs: UPDATE_TIMEOUT_MS };
  if (context === null) return apt.commands.run(UPDATE, options);
  return apt.commands.runLogged(UPDATE, { ...options, logPath: context.logPath });
}

/** Gets new package lists; signatures and Valid-Until are checked by apt. Throws StepFailure `lists-unavailable` or `lock-held`. */
export async function refreshLists(apt: Apt, context: StepContext | null): Promise<void> {
  const result = await update(apt, context);
  const output = result.stdout + result.stderr;
  if (result.timedOut)
    throw new StepFailure('lists-unavailable', `apt-get update took over ${durationText(UPDATE_TIMEOUT_MS)}`);
  if (result.exitCode !== 0) {
    const isLocked = /Could not get lock|Unable to lock/.test(output);
    throw new StepFailure(isLocked ? 'lock-held' : 'lists-unavailable', failureExcerpt(output));
  }
  for (const warning of output.matchAll(/^W: .*$/gm)) context?.remark(warning[0]);
}
