import { setTimeout as sleep } from 'node:timers/promises';
import type { ZdmsLab } from './zdms-lab.ts';

const POLL_MS = 200;
const DEADLINE_MS = 60_000;

/**
 * Has these hosts surveyed now, and waits until the controller knows it. A plan is made from the last survey, and one that
 * follows a rollout within seconds would be made from the survey before it.
 */
export async function refreshSurveys(lab: ZdmsLab, names: readonly string[]): Promise<void> {
  const since = Date.now();
  await Promise.all(names.map((host) => lab.backEnd.survey(host)));
  await untilSurveyed(lab, names, since);
}

/** Waits until the controller knows a survey of each of these hosts that is not older. */
export async function untilSurveyed({ client }: ZdmsLab, names: readonly string[], since: number): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const hosts = await client.listHosts();
    if (hosts.every((host) => !names.includes(host.id) || (host.surveyedAt ?? 0) >= since)) return;
    await sleep(POLL_MS);
  }
  throw new Error('the controller does not get to know the surveys');
}
