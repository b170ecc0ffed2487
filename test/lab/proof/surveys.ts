import { setTimeout as sleep } from 'node:timers/promises';
import type { ZdmsLab } from './zdms-lab.ts';

const POLL_MS = 200;
const DEADLINE_MS = 60_000;

/**
 * Has these hosts surveyed now, and waits until the controller knows it. A plan is made from the last survey, and one that
 * follows a rollout within seconds would be made from the survey before it.
 */
export async function refreshSurveys({ backEnd, client }: ZdmsLab, names: readonly string[]): Promise<void> {
  const since = Date.now();
  await Promise.all(names.map((host) => backEnd.survey(host)));
  while (Date.now() - since < DEADLINE_MS) {
    const hosts = await client.listHosts();
    if (hosts.every((host) => !names.includes(host.id) || (host.surveyedAt ?? 0) >= since)) return;
    await sleep(POLL_MS);
  }
  throw new Error('the controller does not get to know the surveys');
}
