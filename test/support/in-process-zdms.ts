import { type InProcessLab, inProcessLabUp, servicePort } from '../../vagrant/in-process/in-process-lab.ts';
import type { SystemPace } from '../../vagrant/in-process/simulated-system.ts';
import { readTopology, type Topology } from '../../vagrant/topology.ts';
import { inProcessBackEnd } from '../lab/proof/in-process-back-end.ts';
import { OpenLoop } from '../lab/proof/open-loop.ts';
import { hasFailed, type RequestRecord } from '../lab/proof/request-record.ts';
import { installZdms, type ZdmsLab } from '../lab/proof/zdms-lab.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Everything that is waited for is quick; what tells a dead host from a slow one keeps its time, since test machines are slow. */
const quickTiming = {
  beatMs: 500,
  beatWhileOutMs: 200,
  poolReadEveryMs: 200,
  quorumReadEveryMs: 100,
  checkEveryMs: 100,
  retryFirstMs: 100,
  retryLastMs: 500,
  probeTrialMs: 300,
};

const quickPace: Partial<SystemPace> = { listsMs: 10, fetchMs: 10, installMs: 60, goingDownMs: 20, downMs: 100 };
const CHECK_EVERY_MS = 100;
const REQUEST_DEADLINE_MS = 5_000;

export interface InProcessZdmsOptions {
  /** A file in vagrant/topologies, or one of the test's own; default `small`. */
  readonly topology?: string | Topology;
  /** Of controller.yaml's `timing`, beside the quick ones. */
  readonly timing?: Readonly<Record<string, number>>;
  readonly pace?: Partial<SystemPace>;
}

/** A lab of hosts in this process with a real controller, as a child process, that serves them. */
export interface InProcessZdms {
  readonly lab: InProcessLab;
  readonly zdms: ZdmsLab;
}

/** Whoever calls this calls `zdms.down()` and `removeTemporaryDirectories()` afterwards. */
export async function inProcessZdms(options: InProcessZdmsOptions = {}): Promise<InProcessZdms> {
  const { topology = 'small', timing = {}, pace = {} } = options;
  const lab = await inProcessLabUp({
    topology: typeof topology === 'string' ? readTopology(topology) : topology,
    pace: { ...quickPace, ...pace },
    checkEveryMs: CHECK_EVERY_MS,
  });
  const zdms = await installZdms(inProcessBackEnd(lab), {
    directory: temporaryDirectory(),
    say: () => undefined,
    signal: new AbortController().signal,
    timing: { ...quickTiming, ...timing },
  });
  return { lab, zdms };
}

/** Sends requests through all balancers while the work goes on, and returns them all. */
export async function underLoad(
  { topology }: InProcessLab,
  ratePerSecond: number,
  work: () => Promise<void>,
): Promise<{ readonly sent: number; readonly failed: readonly RequestRecord[] }> {
  const failed: RequestRecord[] = [];
  const loop = new OpenLoop({
    targets: topology.hosts
      .filter((host) => host.role === 'lb')
      .map(({ name, address }) => ({ name, host: address, port: servicePort })),
    ratePerSecond,
    deadlineMs: REQUEST_DEADLINE_MS,
    path: '/',
    onRecord: (record) => {
      if (hasFailed(record)) failed.push(record);
    },
  });
  loop.start();
  try {
    await work();
  } finally {
    await loop.stop();
  }
  return { sent: loop.sent, failed };
}
