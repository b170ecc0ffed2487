import { setTimeout as sleep } from 'node:timers/promises';
import type { RolloutDocument } from '../../../proto/zdms/v1/documents.ts';
import type { ZdmsLab } from './zdms-lab.ts';

const POLL_MS = 50;
const DEADLINE_MS = 120_000;

/** Asks for the running (or last) rollout until it is as wanted. Throws Error with where it stands when that takes too long. */
export async function untilRollout(
  lab: ZdmsLab,
  wanted: string,
  isAsWanted: (rollout: RolloutDocument) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<RolloutDocument> {
  const deadline = Date.now() + deadlineMs;
  let last: RolloutDocument | null = null;
  while (Date.now() < deadline) {
    // A controller that is being started again does not answer for a moment.
    last = await lab.client.status('').catch(() => last);
    if (last !== null && isAsWanted(last)) return last;
    await sleep(POLL_MS);
  }
  const where = last?.hosts.map(({ host, state, step, reason }) =>
    `${host} ${state} ${step ?? ''} ${reason?.text ?? ''}`.trim(),
  );
  throw new Error(
    `waited ${deadlineMs} ms in vain until ${wanted}: ${last?.state ?? 'no rollout'}; ${where?.join('; ') ?? ''}`,
  );
}

/** The first host that is out in this step; undefined when none is. */
export function hostIn(rollout: RolloutDocument, step: string): string | undefined {
  return rollout.hosts.find((each) => each.state === 'out' && each.step === step)?.host;
}
