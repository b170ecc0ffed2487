import type { Platform } from '../platform/platform.ts';
import { StepFailure } from '../platform/step-failure.ts';

/** Without a way in nobody could repair what comes next; and what a package broke there is best told while the daemon still runs. */
export async function proveLogin({ login }: Platform, code: 'sshd-was-broken' | 'sshd-broken'): Promise<void> {
  const problem = await login.problem();
  if (problem === null) return;
  throw new StepFailure(
    code,
    `${problem}: mend it until \`sshd -t\` is silent (the running sshd still serves), then retry`,
  );
}
