import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RolloutDocument } from '../../../proto/zdms/v1/documents.ts';
import { labExec, labOffer } from '../../../vagrant/nspawn/lab.ts';
import { buildSmallPackage } from '../../../vagrant/nspawn/small-package.ts';
import { effectsNotOnce, type ExecutorStep } from '../proof/executor-journal.ts';
import { copyPackage, type DpkgTruth, onHost, readDpkgTruth } from '../proof/host-shell.ts';
import { untilRollout } from '../proof/rollout-watch.ts';
import { refreshSurveys } from '../proof/surveys.ts';
import type { ZdmsLab } from '../proof/zdms-lab.ts';

export const PACKAGE = 'zt-cut';
const CUTTER = readFileSync(join(import.meta.dirname, 'cutter.py'));
/** Longer than the last cut comes after the beginning, so that every cut meets a run that is not over. */
const POSTINST_SECONDS = 5;
const RUNS = '/root/zt-cut-runs';
const LIMITS = 'maxOut: off\nramp: off\nerrorBudget: off\nsameFailure: off\nblindStop: off\nconfirmAbove: off\n';
const ROLLOUT_DEADLINE_MS = 300_000;
const SETTLED = ['done', 'skipped', 'held'];

/** What one host and its journal say after a rollout in which its connection was cut. Times UTC ms. */
export interface CutHost {
  readonly host: string;
  readonly offsetSeconds: number;
  readonly state: string;
  /** SSH processes that were ended, and when. */
  readonly ended: number;
  readonly cutAt: number;
  readonly apply: ExecutorStep | undefined;
  /** The journal's complaints about an apply that was not exactly once. */
  readonly notOnce: readonly string[];
  readonly truth: DpkgTruth;
  /** How often its maintainer script ran for this version, by the script's own count. */
  readonly scriptRuns: number;
}

function versionOf(round: number): string {
  return `${round + 1}.0`;
}

/** Puts the first version on every host and offers one more for each round. */
export async function prepareCuts(lab: ZdmsLab, rounds: number): Promise<void> {
  lab.write('zdms/limits.yaml', LIMITS);
  const directory = join(lab.directory, 'cut-packages');
  mkdirSync(directory, { recursive: true });
  const files: string[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const version = versionOf(round);
    const postinst = `echo ${version} >> ${RUNS}; sleep ${round === 0 ? 0 : POSTINST_SECONDS}`;
    files.push(await buildSmallPackage({ name: PACKAGE, version, scripts: { postinst } }, directory));
  }
  await labOffer(files);
  await Promise.all(
    hostsOf(lab).map(async (host) => {
      const path = await copyPackage(host, files[0] ?? '');
      await onHost(host, `dpkg --install ${path}; apt-get update -q`);
      await labExec(host, ['sh', '-euc', 'cat > /root/cutter.py'], { input: CUTTER });
    }),
  );
}

export function hostsOf(lab: ZdmsLab): readonly string[] {
  return lab.topology.hosts.map(({ name }) => name);
}

/** One rollout over these hosts, in which the connection to each is cut once, so long (s) after its apply began. */
export async function cutRollout(
  lab: ZdmsLab,
  round: number,
  offsets: ReadonlyMap<string, number>,
): Promise<readonly CutHost[]> {
  const hosts = [...offsets.keys()];
  const version = versionOf(round);
  await refreshSurveys(lab, hosts);
  await Promise.all(
    [...offsets].map(([host, offset]) => {
      const cutter = `exec python3 /root/cutter.py ${offset} ${round - 1} > /root/zt-cut.${round}`;
      return onHost(host, `systemd-run --quiet --unit=zt-cutter-${round} sh -c '${cutter}'`);
    }),
  );
  const change = `name: cut-${round}\nwhere: [${hosts.join(', ')}]\npackages: [${PACKAGE}=${version}]\nreboot: never\nstages: [{ name: all, hosts: all }]\n`;
  await lab.mustZdms('apply', lab.write('cut.yaml', change), '--detach', '--confirm', String(hosts.length));
  const rollout = await untilRollout(
    lab,
    'every host is done or parked',
    (each) => each.change === `cut-${round}` && each.hosts.every(({ state }) => SETTLED.includes(state)),
    ROLLOUT_DEADLINE_MS,
  );
  return Promise.all([...offsets].map(([host, offset]) => readCutHost(lab, rollout, round, host, offset)));
}

async function readCutHost(
  lab: ZdmsLab,
  rollout: RolloutDocument,
  round: number,
  host: string,
  offsetSeconds: number,
): Promise<CutHost> {
  const steps = await lab.backEnd.readExecutorJournal(host);
  const [ended, cutAt] = (await onHost(host, `cat /root/zt-cut.${round}`)).split(' ').map(Number);
  return {
    host,
    offsetSeconds,
    state: rollout.hosts.find((each) => each.host === host)?.state ?? 'not in it',
    ended: ended ?? 0,
    cutAt: cutAt ?? 0,
    apply: steps.find((step) => step.rollout === rollout.id && step.verb === 'apply'),
    notOnce: effectsNotOnce(host, steps, rollout.id, ['apply']),
    truth: await readDpkgTruth(host, PACKAGE),
    scriptRuns: Number(await onHost(host, `grep -cx '${versionOf(round)}' ${RUNS} || true`)),
  };
}

/** What is wrong with a host after its cut, in words; empty when all is well. A cut that met no run proves nothing, and is wrong too. */
export function complaintsOf(cut: CutHost, round: number): readonly string[] {
  const { host, state, ended, cutAt, apply, notOnce, truth, scriptRuns } = cut;
  const complaints = [...notOnce];
  const isInside = apply !== undefined && cutAt >= apply.startedAt && cutAt <= (apply.finishedAt ?? 0);
  if (ended === 0) complaints.push(`${host}: the cut ended no session`);
  if (!isInside) complaints.push(`${host}: the cut at ${cut.offsetSeconds} s was not during the apply`);
  if (state !== 'done') complaints.push(`${host} is ${state}`);
  if (truth.abbreviation !== 'ii' || truth.version !== versionOf(round) || truth.audit !== '')
    complaints.push(`${host}: dpkg says ${JSON.stringify(truth)}`);
  if (scriptRuns !== 1) complaints.push(`${host}: the maintainer script ran ${scriptRuns} times`);
  return complaints;
}
