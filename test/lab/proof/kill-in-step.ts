import { setTimeout as sleep } from 'node:timers/promises';
import { hostIn } from './rollout-watch.ts';
import type { ZdmsLab } from './zdms-lab.ts';

const POLL_MS = 30;
const STEP_DEADLINE_MS = 180_000;
const DOWN_MS = 1_000;

/**
 * Waits until a host of the running rollout is in the step, kills the controller, and starts it again a second later.
 * Returns the host, or null when `signal` aborted without that step being seen.
 */
export async function killInStep(lab: ZdmsLab, step: string, signal: AbortSignal): Promise<string | null> {
  const deadline = Date.now() + STEP_DEADLINE_MS;
  while (!signal.aborted && Date.now() < deadline) {
    const rollout = await lab.client.status('').catch(() => null);
    const host = rollout === null ? undefined : hostIn(rollout, step);
    if (host !== undefined) {
      await lab.controller.kill();
      await sleep(DOWN_MS);
      await lab.controller.start();
      return host;
    }
    await sleep(POLL_MS);
  }
  return null;
}
