import { setTimeout as sleep } from 'node:timers/promises';
import { labExec } from '../../../vagrant/nspawn/lab.ts';
import type { ZdmsLab } from './zdms-lab.ts';

const SURVEY = ['zdms-agent', 'survey', '--no-refresh'];
const POLL_MS = 200;
const DEADLINE_MS = 60_000;

/**
 * Has every web host surveyed now, and waits until the controller knows it. A plan is made from the last survey, and one that
 * follows a rollout within seconds would be made from the survey before it.
 */
export async function refreshSurveys({ webHosts, client }: ZdmsLab): Promise<void> {
  const since = Date.now();
  const results = await Promise.all(webHosts.map((host) => labExec(host, SURVEY)));
  const failed = results.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Error(`a host cannot be surveyed: ${failed.stderr}`);
  while (Date.now() - since < DEADLINE_MS) {
    const hosts = await client.listHosts();
    if (hosts.every((host) => !webHosts.includes(host.id) || (host.surveyedAt ?? 0) >= since)) return;
    await sleep(POLL_MS);
  }
  throw new Error('the controller does not get to know the surveys');
}
