import { mkdirSync, rmSync } from 'node:fs';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { inProcessLabUp } from '../../../vagrant/in-process/in-process-lab.ts';
import { labUp } from '../../../vagrant/nspawn/lab.ts';
import { readTopology } from '../../../vagrant/topology.ts';
import type { DemoOptions } from './demo-options.ts';
import { inProcessBackEnd } from './in-process-back-end.ts';
import type { LabBackEnd } from './lab-back-end.ts';
import { nspawnBackEnd } from './nspawn-back-end.ts';
import { buildAgentPackage, installZdms, type ZdmsLab } from './zdms-lab.ts';

/** A lab for the demo; `notice` says what of it is simulated, null where nothing is. */
export interface DemoLab<Lab> {
  readonly lab: Lab;
  readonly notice: string | null;
}

export interface DemoLabOptions {
  readonly demo: DemoOptions;
  readonly directory: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Long enough that thousands of requests are sent while hosts are out, short enough for a demo of less than a minute. */
const DEMO_PACE = { downMs: 2_000 };
const DEMO_TIMING = {
  beatWhileOutMs: 250,
  checkEveryMs: 700,
  poolReadEveryMs: 500,
  quorumReadEveryMs: 700,
  probeTrialMs: 1_000,
};

/** These are for a person to settle: nobody wants a simulation only because a lab is up already. */
const NOT_THE_MACHINE = [
  'ZDMS_LAB_ALREADY_UP',
  'ZDMS_LAB_BUSY',
  'ZDMS_LAB_INTERRUPTED',
  'ZDMS_LAB_NAME_TAKEN',
  'ZDMS_LAB_TOPOLOGY_INVALID',
  'ZDMS_LAB_TOPOLOGY_UNKNOWN',
];

/**
 * Real hosts where this machine can run them, else hosts in this process. `needsPackage`: the agent's package is built for real hosts.
 * Whoever calls it takes the lab down.
 */
export async function demoLabUp(options: DemoLabOptions, needsPackage: boolean): Promise<DemoLab<LabBackEnd>> {
  const { demo, directory, say, signal } = options;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  if (demo.inProcess !== null) return inProcess(options, demo.inProcess);
  if (needsPackage) say('building the agent package');
  const packageFile = needsPackage ? await buildAgentPackage() : '';
  try {
    const topology = await labUp({ topology: demo.topology, progress: say, signal });
    return { lab: nspawnBackEnd(topology, packageFile), notice: null };
  } catch (error) {
    const isTheMachine = error instanceof ZdmsError && error.code.startsWith('ZDMS_LAB_');
    if (!isTheMachine || NOT_THE_MACHINE.includes(error.code) || signal.aborted) throw error;
    // Both need real hosts.
    if (demo.chaosSeed !== null || demo.keep) throw error;
    return inProcess(options, `${error.code}: ${error.message}`);
  }
}

/** The same with zdms on it. */
export async function demoZdmsUp(options: DemoLabOptions): Promise<DemoLab<ZdmsLab>> {
  const { lab, notice } = await demoLabUp(options, true);
  const timing = notice === null ? {} : DEMO_TIMING;
  return { lab: await installZdms(lab, { ...options, timing }), notice };
}

async function inProcess({ demo, say }: DemoLabOptions, why: string): Promise<DemoLab<LabBackEnd>> {
  const notice = noticeText(why);
  console.log(notice);
  const lab = await inProcessLabUp({ topology: readTopology(demo.topology), pace: DEMO_PACE, log: say });
  say(`${lab.hosts.length} hosts run in this process`);
  return { lab: inProcessBackEnd(lab), notice };
}

function noticeText(why: string): string {
  return `
IN-PROCESS HOSTS: ${why}
  simulated  the hosts' operating systems: packages, apt, systemd, boots, disks; HAProxy; etcd
  real       the controller (a process of its own), SSH, mutual TLS and gRPC, agent and executor,
             every request of the load and every byte that the balancers pass on
`;
}
