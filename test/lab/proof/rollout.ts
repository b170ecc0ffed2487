import type { ReportDocument } from '../../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../../proto/zdms/v1/plan-document.ts';
import type { LabHost } from '../../../vagrant/topology.ts';
import { changeText } from './change-text.ts';
import { effectsNotOnce } from './executor-journal.ts';
import { killInStep } from './kill-in-step.ts';
import type { Round } from './proof.ts';
import { refreshSurveys } from './surveys.ts';
import type { ZdmsLab } from './zdms-lab.ts';

export interface RolloutOptions {
  readonly version: string;
  /** All web hosts unless told. */
  readonly hosts?: readonly LabHost[];
  /** Null: as many at once as the fleet allows. */
  readonly atOnce: number | null;
  /** The controller is killed once in each of these steps. */
  readonly killIn: readonly string[];
  /** `zdms` shows plan and progress on this process's terminal. */
  readonly shown: boolean;
}

/** Plans and applies one version on the hosts, and gathers what became of it. Throws Error when a command fails. */
export async function rollOut(lab: ZdmsLab, options: RolloutOptions): Promise<Round> {
  const { version, hosts, atOnce, killIn, shown } = options;
  const names = hosts?.map((host) => host.name) ?? lab.webHosts;
  await refreshSurveys(lab, names);
  const before = await lab.backEnd.readTruth(names);
  const change = lab.write(`change-${version}.yaml`, changeText(version, { hosts, atOnce }));
  const plan = JSON.parse(await lab.mustZdms('plan', change, '-o', 'json')) as PlanDocument;
  const ended = new AbortController();
  const killing = killInTurn(lab, killIn, ended.signal);
  const apply = ['apply', plan.hash, '--confirm', String(plan.hosts)];
  try {
    const code = shown ? await lab.showZdms(...apply) : (await lab.zdms(...apply)).code;
    if (code !== 0) throw new Error(`zdms apply ended with ${code}: ${await whyNot(lab)}`);
  } finally {
    ended.abort();
    await killing;
  }
  const missed = await killing;
  if (missed.length > 0)
    throw new Error(
      `the rollout ended before a host was seen in the step ${missed.join(', ')}: nothing was killed there`,
    );
  return gather(lab, version, before);
}

async function gather(lab: ZdmsLab, version: string, before: Round['before']): Promise<Round> {
  const report = JSON.parse(await lab.mustZdms('report', '--last', '-o', 'json')) as ReportDocument;
  const names = before.map((host) => host.id);
  const after = await lab.backEnd.readTruth(names);
  const journals = await Promise.all(
    names.map(async (host) => effectsNotOnce(host, await lab.backEnd.readExecutorJournal(host), report.rollout)),
  );
  return { version, report, before, after, notOnce: journals.flat() };
}

/** Returns the steps in which nothing could be killed. */
async function killInTurn(lab: ZdmsLab, steps: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const step of steps) {
    if ((await killInStep(lab, step, signal)) === null) missed.push(step);
  }
  return missed;
}

async function whyNot(lab: ZdmsLab): Promise<string> {
  const rollout = await lab.client.status('').catch(() => null);
  if (rollout === null) return 'the controller does not answer';
  const held = rollout.hosts
    .filter((host) => host.reason !== null)
    .map((host) => `${host.host}: ${host.reason?.text ?? ''}`);
  return [rollout.state, rollout.reason?.text ?? '', ...held].filter((line) => line !== '').join('; ');
}
